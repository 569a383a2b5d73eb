using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Brings a built-in object into the shape in which Kubernetes writes it: its types drop nulls, unknown fields and empty maps and lists,
/// and always write the structures and required scalars that they contain by value.</summary>
internal static class BuiltInShape
{
    private const string Quantity = "apimachinery.pkg.api.resource.Quantity";

    /// <summary>Removes unknown fields and reports their paths.</summary>
    public static void Prune(JsonObject obj, Schema schema, ICollection<string>? unknownFields) => PruneValue(obj, schema, "", unknownFields);

    /// <summary>Removes nulls and what is empty, and adds what is never left out.</summary>
    public static void Normalize(JsonObject obj, Schema schema)
    {
        var apiVersion = obj["apiVersion"]?.DeepClone();
        NormalizeObject(obj, schema);
        if (apiVersion is not null)
        {
            obj["apiVersion"] = apiVersion;
        }
    }

    private static void PruneValue(JsonNode? value, Schema schema, string path, ICollection<string>? unknownFields)
    {
        if (schema.PreserveUnknownFields)
        {
            return;
        }

        if (value is JsonArray items && schema.Items is { } itemSchema)
        {
            for (var i = 0; i < items.Count; i++)
            {
                PruneValue(items[i], itemSchema, $"{path}[{i}]", unknownFields);
            }
        }
        else if (value is JsonObject fields && (schema.Properties is not null || schema.AdditionalProperties is not null))
        {
            List<string>? unknown = null;
            foreach (var (name, field) in fields)
            {
                var fieldPath = path.Length == 0 ? name : $"{path}.{name}";
                if (schema.Field(name) is { } fieldSchema)
                {
                    PruneValue(field, fieldSchema, fieldPath, unknownFields);
                }
                else
                {
                    (unknown ??= []).Add(name);
                    unknownFields?.Add(fieldPath);
                }
            }

            unknown?.ForEach(name => fields.Remove(name));
        }
    }

    /// <summary>Adds a field that is always written, if it is absent.</summary>
    public static void AddAlwaysWritten(JsonObject obj, Schema schema, string name)
    {
        foreach (var (field, zero) in ZeroTable.Of(schema.TypeName)?.Always ?? [])
        {
            if (field == name)
            {
                AddZero(obj, schema, field, zero);
            }
        }
    }

    private static void NormalizeValue(JsonNode? value, Schema schema)
    {
        if (schema.PreserveUnknownFields)
        {
            return;
        }

        if (schema.TypeName == Quantity && value is JsonValue written)
        {
            WriteCanonical(written);
        }
        else if (value is JsonArray items && schema.Items is { } itemSchema)
        {
            for (var i = 0; i < items.Count; i++)
            {
                NormalizeValue(items[i], itemSchema);
            }
        }
        else if (value is JsonObject fields && schema.Properties is not null)
        {
            NormalizeObject(fields, schema);
        }
        else if (value is JsonObject map && schema.AdditionalProperties is { } valueSchema)
        {
            // Go's maps of strings have no null: it reads as an empty text.
            foreach (var name in map.Select(entry => entry.Key).ToList())
            {
                if (map[name] is { } entry)
                {
                    NormalizeValue(entry, valueSchema);
                }
                else if (valueSchema.Type == "string")
                {
                    map[name] = "";
                }
            }
        }
    }

    // One amount has one way to be written: 0.5 is 500m. What is no amount is told by validation.
    private static void WriteCanonical(JsonValue written)
    {
        var text = written.Text() ?? written.ToJsonString();
        if (Capstan.Quantity.TryParse(text, out var quantity, out _) && (written.GetValueKind() != JsonValueKind.String || quantity.ToString() != text))
        {
            switch (written.Parent)
            {
                case JsonObject fields:
                    fields[written.GetPropertyName()] = quantity.ToString();
                    break;
                case JsonArray items:
                    items[written.GetElementIndex()] = quantity.ToString();
                    break;
            }
        }
    }

    private static void NormalizeObject(JsonObject obj, Schema schema)
    {
        var zeros = ZeroTable.Of(schema.TypeName);
        List<string>? empty = null;
        foreach (var (name, value) in obj.ToArray())
        {
            var fieldSchema = schema.Field(name);
            if (value is null && zeros?.Always.Any(a => a.Field == name && a.Zero is null) == true)
            {
                continue;
            }

            if (value is null || (fieldSchema is not null && IsEmpty(value, fieldSchema)) || (zeros?.LeftOut.Contains(name) == true && IsZero(value)))
            {
                (empty ??= []).Add(name);
            }
            else if (fieldSchema is not null)
            {
                NormalizeValue(value, fieldSchema);
            }
        }

        empty?.ForEach(name => obj.Remove(name));
        foreach (var (field, zero) in zeros?.Always ?? [])
        {
            AddZero(obj, schema, field, zero);
        }
    }

    private static void AddZero(JsonObject obj, Schema schema, string field, JsonNode? zero)
    {
        if (obj.ContainsKey(field) || schema.Field(field) is not { } fieldSchema)
        {
            return;
        }

        var added = zero?.DeepClone();
        obj[field] = added;
        if (added is JsonObject structure)
        {
            NormalizeObject(structure, fieldSchema);
        }
    }

    private static bool IsEmpty(JsonNode value, Schema schema) => value switch
    {
        JsonArray items => items.Count == 0,
        JsonObject fields => fields.Count == 0 && schema.Properties is null && schema.AdditionalProperties is not null,
        _ => false,
    };

    private static bool IsZero(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.False => true,
        JsonValueKind.String => value.Text()!.Length == 0,
        JsonValueKind.Number => value.Number() == 0,
        _ => false,
    };
}
