using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Kinds;
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

    /// <summary>
    /// Makes null of empty lists in fields that are always written. Until an object is stored the two differ, so that whoever wrote the
    /// empty list owns the field; the store does not keep the difference.
    /// </summary>
    public static void Store(JsonNode? value, Schema schema)
    {
        if (value is JsonArray items && schema.Items is { } itemSchema)
        {
            foreach (var item in items)
            {
                Store(item, itemSchema);
            }
        }
        else if (value is JsonObject fields && schema.Properties is not null && !schema.PreserveUnknownFields)
        {
            var zeros = BuiltInKinds.ZeroFieldsOf(schema.TypeName);
            List<string>? empty = null;
            foreach (var (name, field) in fields)
            {
                if (field is not null && IsNothing(field) && MayBeNull(zeros, name))
                {
                    (empty ??= []).Add(name);
                }
                else if (field is JsonObject or JsonArray && schema.Field(name) is { } fieldSchema)
                {
                    Store(field, fieldSchema);
                }
            }

            empty?.ForEach(name => fields[name] = null);
        }
    }

    /// <summary>Adds a field that is always written, if it is absent.</summary>
    public static void AddAlwaysWritten(JsonObject obj, Schema schema, string name)
    {
        foreach (var (field, zero) in BuiltInKinds.ZeroFieldsOf(schema.TypeName)?.Always ?? [])
        {
            if (field == name)
            {
                AddZero(obj, schema, field, zero);
            }
        }
    }

    private static void NormalizeValue(JsonNode? value, Schema schema, bool inList = false)
    {
        if (schema.PreserveUnknownFields)
        {
            return;
        }

        if (value is JsonValue written && (schema.TypeName == BuiltInKinds.Quantity || schema.Format == "date-time"))
        {
            WriteCanonical(written, schema, inList);
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
            // Go's maps of strings or amounts have no null: it reads as an empty text, or as none.
            foreach (var name in map.Select(entry => entry.Key).ToList())
            {
                if (map[name] is { } entry)
                {
                    NormalizeValue(entry, valueSchema, inList: true);
                }
                else if (valueSchema.Type == "string")
                {
                    map[name] = "";
                }
                else if (valueSchema.TypeName == BuiltInKinds.Quantity)
                {
                    map[name] = "0";
                }
            }
        }
    }

    // One amount has one way to be written, as 0.5 is 500m, and one moment too. What is none was told when it was decoded.
    private static void WriteCanonical(JsonValue written, Schema schema, bool inList)
    {
        var text = written.Text() ?? written.ToJsonString();
        var canonical =
            schema.Format == "date-time" ? KubeTime.TryParse(text, out var time) ? schema.TypeName == BuiltInKinds.MicroTime ? KubeTime.FormatMicro(time) : KubeTime.Format(time) : text
            : Quantity.TryParse(text, out var quantity, out _) ? Canonical(quantity, inList)
            : text;
        if (written.GetValueKind() == JsonValueKind.String && canonical == text)
        {
            return;
        }

        switch (written.Parent)
        {
            case JsonObject fields:
                fields[written.GetPropertyName()] = canonical;
                break;
            case JsonArray items:
                items[written.GetElementIndex()] = canonical;
                break;
        }
    }

    // A sum is written canonically, where a quantity that was read is written as it was. Lists of resources are no finer than a thousandth.
    private static string Canonical(Quantity quantity, bool inList)
    {
        var text = quantity.Add(default(Quantity)).ToString();
        if (!inList || text[^1] is not ('n' or 'u'))
        {
            return text;
        }

        var thousandths = quantity.AsApproximateDouble() * 1000;
        return Canonical(Quantity.Parse(string.Create(CultureInfo.InvariantCulture, $"{(thousandths > 0 ? Math.Ceiling(thousandths) : Math.Floor(thousandths))}m")), inList: false);
    }

    private static void NormalizeObject(JsonObject obj, Schema schema)
    {
        var zeros = BuiltInKinds.ZeroFieldsOf(schema.TypeName);
        List<string>? empty = null;
        foreach (var (name, value) in obj.ToArray())
        {
            var fieldSchema = schema.Field(name);
            if (IsNothing(value) && MayBeNull(zeros, name))
            {
                continue;
            }

            if (value is null || (fieldSchema is not null && IsEmpty(name, value, fieldSchema)) || (zeros?.LeftOut.Contains(name) == true && IsZero(value)))
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

    private static bool IsNothing(JsonNode? value) => value is null or JsonArray { Count: 0 };

    private static bool MayBeNull(ZeroFields? zeros, string name)
    {
        foreach (var (field, zero) in zeros?.Always ?? [])
        {
            if (zero is null && field == name)
            {
                return true;
            }
        }

        return false;
    }

    // An empty list of owners is an order to forget them.
    private static bool IsEmpty(string name, JsonNode value, Schema schema) => value switch
    {
        JsonArray when name == "managedFields" => false,
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
