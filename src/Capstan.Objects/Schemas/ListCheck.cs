using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Sets and maps among the lists: no entry, or no key, twice. Every repeated one is told once, where it first repeats.</summary>
internal static class ListCheck
{
    public static void Run(JsonNode? value, Schema schema, string path, Findings findings)
    {
        switch (value)
        {
            case JsonObject fields:
                foreach (var (name, field) in fields)
                {
                    if (schema.Properties is not null && schema.Properties.TryGetValue(name, out var named))
                    {
                        Run(field, named, SchemaCheck.Join(path, name), findings);
                    }
                    else if (schema.AdditionalProperties is { } values)
                    {
                        Run(field, values, $"{path}[{name}]", findings);
                    }
                }

                break;
            case JsonArray items:
                CheckEntries(items, schema, path, findings);
                for (var i = 0; schema.Items is not null && i < items.Count; i++)
                {
                    Run(items[i], schema.Items, At(path, i), findings);
                }

                break;
        }
    }

    private static void CheckEntries(JsonArray items, Schema schema, string path, Findings findings)
    {
        if (schema.ListType == ListType.Set)
        {
            AddRepeated([.. items], path, findings);
        }
        else if (schema.ListType == ListType.Map)
        {
            for (var i = 0; i < items.Count; i++)
            {
                if (items[i] is not (null or JsonObject))
                {
                    findings.Add(FieldErrors.Invalid(At(path, i), items[i], "must be an object for an array of list-type map"));
                    return;
                }
            }

            AddRepeated([.. items.Select(item => Key(item as JsonObject, schema.ListMapKeys))], path, findings);
        }
    }

    private static JsonObject Key(JsonObject? item, IReadOnlyList<string> names)
    {
        var key = new JsonObject();
        foreach (var name in names)
        {
            if (item is not null && item.TryGetPropertyValue(name, out var part))
            {
                key[name] = part?.DeepClone();
            }
        }

        return key;
    }

    private static void AddRepeated(IReadOnlyList<JsonNode?> entries, string path, Findings findings)
    {
        var times = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Count; i++)
        {
            var text = Identity(entries[i]);
            times[text] = times.GetValueOrDefault(text) + 1;
            if (times[text] == 2)
            {
                findings.Add(FieldErrors.Duplicate(At(path, i), entries[i]));
            }
        }
    }

    // As entries of their own, 1 and 1.0 differ in Kubernetes: one is an integer.
    private static string Identity(JsonNode? entry) =>
        entry?.GetValueKind() == JsonValueKind.Number && !JsonNumbers.TryInteger(entry, out _) ? $"~{GoFormat.Json(entry)}" : GoFormat.Json(entry);

    private static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
