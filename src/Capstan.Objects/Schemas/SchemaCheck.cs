using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>One value against one schema, and so on downwards. The order of the checks is that in which Kubernetes reports.</summary>
internal static class SchemaCheck
{
    public static void Run(JsonNode? value, Schema schema, string path, Findings findings, Former? former = null)
    {
        if (former is not { IsSame: true } && findings.TryEnter(path))
        {
            CheckValue(value, schema, path, findings, former);
            findings.Leave();
        }
    }

    private static void CheckValue(JsonNode? value, Schema schema, string path, Findings findings, Former? former)
    {
        if (value is null)
        {
            if (CheckNull(schema, path, findings))
            {
                findings.Checks++;
            }

            CheckEnum(value, schema, path, findings);
            return;
        }

        CheckType(value, schema, path, findings);
        JunctorCheck.Run(value, schema, path, findings, former);
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                CheckString(value.GetValue<string>(), schema, path, findings);
                break;
            case JsonValueKind.Number:
                NumberCheck.Run(value, schema, path, findings);
                break;
            case JsonValueKind.Array:
                CheckArray(value.AsArray(), schema, path, findings, former);
                break;
        }

        CheckEnum(value, schema, path, findings);
        findings.Checks++;
        if (value is JsonObject fields)
        {
            CheckObject(fields, schema, path, findings, former);
        }

        findings.Checks++;
    }

    private static bool CheckNull(Schema schema, string path, Findings findings)
    {
        var types = Types(schema);
        if (types.Length == 0 || schema.Nullable)
        {
            return true;
        }

        AddWrongType(string.Join(',', types), "null", path, findings);
        return false;
    }

    private static void CheckType(JsonNode value, Schema schema, string path, Findings findings)
    {
        var types = Types(schema);
        var format = Formats.IsChecked(schema.Format, types.Length == 1 ? types[0] : "") ? schema.Format : null;
        if (types.Length == 0 && format is null)
        {
            return;
        }

        findings.Checks++;
        var type = TypeOf(value);
        var isText = type is "string" or "array";
        var fits = types.Contains(type)
            || (type == "integer" && types.Contains("number"))
            || (type == "number" && types.Contains("integer") && JsonNumbers.IsWhole(value));
        if (fits || (format is not null && isText && !types.Contains("number") && !types.Contains("integer")))
        {
            findings.Checks++;
            return;
        }

        if (format is not null && !isText)
        {
            AddWrongType(format, type switch { "integer" => "int64", "number" => "float64", _ => "" }, path, findings);
            return;
        }

        AddWrongType(string.Join(',', types), type, path, findings);
    }

    private static void CheckString(string text, Schema schema, string path, Findings findings)
    {
        findings.Checks += 2;
        if ((schema.MaxLength ?? schema.MinLength) is not null)
        {
            var length = text.EnumerateRunes().Count();
            if (length > schema.MaxLength)
            {
                findings.Add(FieldErrors.TooLong(path, schema.MaxLength.Value));
                return;
            }

            if (length < schema.MinLength)
            {
                findings.Add(FieldErrors.Invalid(path, text, $"{path} in body should be at least {schema.MinLength} chars long"));
                return;
            }
        }

        CheckPattern(text, schema, path, findings);
        if (Formats.IsChecked(schema.Format, schema.IntOrString ? "" : schema.Type) && !Formats.Matches(schema.Format!, text))
        {
            AddWrongType(schema.Format!, text, path, findings);
        }
    }

    private static void CheckPattern(string text, Schema schema, string path, Findings findings)
    {
        try
        {
            if (schema.CompiledPattern is { } pattern && !pattern.IsMatch(text))
            {
                findings.Add(FieldErrors.Invalid(path, text, $"{path} in body should match '{schema.Pattern}'"));
            }
        }
        catch (FormatException fault)
        {
            findings.Add(FieldErrors.Invalid(path, text, $"{path} in body should match '{schema.Pattern}, but pattern is invalid: {fault.Message}'"));
        }
    }

    private static void CheckArray(JsonArray items, Schema schema, string path, Findings findings, Former? former)
    {
        if (schema.Items is { } item)
        {
            for (var i = 0; i < items.Count; i++)
            {
                Run(items[i], item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), findings, former?.Item(i));
            }
        }

        if (items.Count < schema.MinItems)
        {
            findings.Add(FieldErrors.Invalid(path, items.Count, $"{path} in body should have at least {schema.MinItems} items"));
        }

        if (items.Count > schema.MaxItems)
        {
            findings.Add(FieldErrors.TooMany(path, items.Count, schema.MaxItems.Value));
        }

        if (schema.UniqueItems && items.Select(GoFormat.Json).Distinct(StringComparer.Ordinal).Count() < items.Count)
        {
            findings.Add(FieldErrors.Invalid(path, "", $"{path} in body shouldn't contain duplicates"));
        }

        findings.Checks += 2;
    }

    private static void CheckEnum(JsonNode? value, Schema schema, string path, Findings findings)
    {
        if (schema.Enum is { Count: > 0 } allowed && !allowed.Any(one => one is not null && JsonNode.DeepEquals(one, value)))
        {
            findings.Add(FieldErrors.NotSupported(path, value, allowed.Select(one => one?.GetValueKind() == JsonValueKind.String ? one.GetValue<string>() : GoFormat.Json(one))));
        }
    }

    private static void CheckObject(JsonObject fields, Schema schema, string path, Findings findings, Former? former)
    {
        findings.Checks++;
        if (fields.Count < schema.MinProperties)
        {
            findings.Add(FieldErrors.Invalid(path, fields.Count, $"{path} in body should have at least {schema.MinProperties} properties"));
        }

        if (fields.Count > schema.MaxProperties)
        {
            findings.Add(FieldErrors.TooMany(path, fields.Count, schema.MaxProperties.Value));
        }

        foreach (var (name, field) in fields)
        {
            if (schema.Field(name) is { } fieldSchema)
            {
                Run(field, fieldSchema, Join(path, name), findings, former?.Field(name));
            }
        }

        foreach (var name in schema.Required)
        {
            if (!fields.ContainsKey(name))
            {
                findings.Add(FieldErrors.Required(Join(path, name)));
            }
        }
    }

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string[] Types(Schema schema) => schema.IntOrString ? ["integer", "string"] : schema.Type.Length == 0 ? [] : [schema.Type];

    private static string TypeOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => JsonNumbers.TryInteger(value, out _) ? "integer" : "number",
        _ => "boolean",
    };

    private static void AddWrongType(string expected, string actual, string path, Findings findings) =>
        findings.Add(FieldErrors.TypeInvalid(path, actual, $"{path} in body must be of type {expected}: {GoFormat.Quote(actual)}"));
}
