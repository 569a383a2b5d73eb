using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Writes the defaults of a custom resource's schema into a value.</summary>
public static class Defaulting
{
    /// <summary>Gives every absent field its default, at any depth that the value already has or that a default adds; a null that may not be null
    /// counts as absent. Changes <paramref name="value"/>. Doing it twice changes nothing more.</summary>
    /// <remarks>An absent object without a default of its own stays absent, whatever defaults stand inside it.</remarks>
    public static void Apply(JsonNode value, Schema schema)
    {
        switch (value)
        {
            case JsonObject fields:
                AddMissing(fields, schema);
                foreach (var name in fields.Select(field => field.Key).ToList())
                {
                    if (schema.Field(name) is { } field)
                    {
                        if (fields[name] is null && !field.Nullable && field.Default is not null)
                        {
                            fields[name] = field.Default.DeepClone();
                        }

                        Descend(fields[name], field);
                    }
                }

                break;
            case JsonArray items when schema.Items is { } item:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is null && !item.Nullable && item.Default is not null)
                    {
                        items[i] = item.Default.DeepClone();
                    }

                    Descend(items[i], item);
                }

                break;
        }
    }

    private static void AddMissing(JsonObject fields, Schema schema)
    {
        foreach (var (name, field) in schema.Properties ?? new Dictionary<string, Schema>())
        {
            if (field.Default is not null && !fields.ContainsKey(name))
            {
                fields[name] = field.Default.DeepClone();
            }
        }
    }

    private static void Descend(JsonNode? value, Schema schema)
    {
        if (value is JsonObject or JsonArray)
        {
            Apply(value, schema);
        }
    }
}
