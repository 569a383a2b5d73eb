using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Brings a built-in object into the shape in which Kubernetes writes it: its types drop nulls, unknown fields and empty maps and lists,
/// and always write the structures and required scalars that they contain by value.</summary>
internal static class BuiltInShape
{
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

    private static void NormalizeValue(JsonNode? value, Schema schema)
    {
        if (schema.PreserveUnknownFields)
        {
            return;
        }

        if (value is JsonArray items && schema.Items is { } itemSchema)
        {
            foreach (var item in items)
            {
                NormalizeValue(item, itemSchema);
            }
        }
        else if (value is JsonObject fields && schema.Properties is not null)
        {
            NormalizeObject(fields, schema);
        }
    }

    private static void NormalizeObject(JsonObject obj, Schema schema)
    {
        List<string>? empty = null;
        foreach (var (name, value) in obj)
        {
            var fieldSchema = schema.Field(name);
            if (value is null || (fieldSchema is not null && IsEmpty(value, fieldSchema)))
            {
                (empty ??= []).Add(name);
            }
            else if (fieldSchema is not null)
            {
                NormalizeValue(value, fieldSchema);
            }
        }

        empty?.ForEach(name => obj.Remove(name));
        foreach (var (name, fieldSchema) in schema.Properties ?? new Dictionary<string, Schema>())
        {
            if (!obj.ContainsKey(name))
            {
                AddAlwaysWritten(obj, name, fieldSchema, schema.Required.Contains(name));
            }
        }
    }

    private static bool IsEmpty(JsonNode value, Schema schema) => value switch
    {
        JsonArray items => items.Count == 0,
        JsonObject fields => fields.Count == 0 && schema.Properties is null && schema.AdditionalProperties is not null,
        _ => false,
    };

    /// <summary>Adds an absent field that is never left out: the default of a structure says that it is contained by value; that of a required
    /// scalar, that it is written even when it is zero.</summary>
    public static void AddAlwaysWritten(JsonObject obj, string name, Schema schema, bool required)
    {
        if (schema.Default is JsonObject { Count: 0 } && schema.Properties is not null)
        {
            var added = new JsonObject();
            obj[name] = added;
            NormalizeObject(added, schema);
        }
        else if (required && schema.Default is JsonValue zero && zero.GetValueKind() is JsonValueKind.False or JsonValueKind.Number or JsonValueKind.String)
        {
            obj[name] = zero.DeepClone();
        }
        else if (required && schema.Type == "array")
        {
            obj[name] = null;
        }
    }
}
