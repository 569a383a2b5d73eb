using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

/// <summary>Finds values whose JSON type is not that of their field, before anything reads them: what Kubernetes finds while decoding a built-in kind,
/// and of a custom resource in its metadata (the rest of that is validated by its schema).</summary>
internal static class TypeFaults
{
    /// <summary>The first fault in Kubernetes' words; null when there is none.</summary>
    public static string? Of(JsonObject obj, ServedResource served)
    {
        if (!served.IsCustom)
        {
            return Of(obj, served.Schema, served.Type.Kind);
        }

        var metadata = BuiltInKinds.TypeNamed(BuiltInKinds.ObjectMeta);
        return obj["metadata"] is { } node and not JsonObject
            ? Wrong(node, $"{served.Type.Kind}.metadata", "v1.ObjectMeta")
            : Of(obj["metadata"], metadata, "ObjectMeta", "metadata");
    }

    /// <summary>The first fault of a value by its schema.</summary>
    public static string? Of(JsonObject obj, Schema schema, string kind) => Of(obj, schema, kind, "");

    private static string? Of(JsonNode? value, Schema schema, string owner, string path)
    {
        if (value is null || schema.PreserveUnknownFields || schema.IntOrString)
        {
            return null;
        }

        var kind = value.GetValueKind();
        switch (schema.Type)
        {
            case "object":
                return value is JsonObject obj ? OfFields(obj, schema, owner, path) : Wrong(value, Field(owner, path), GoName(schema));
            case "array":
                if (value is not JsonArray items)
                {
                    return Wrong(value, Field(owner, path), GoName(schema));
                }

                return schema.Items is null ? null : items.Select(item => Of(item, schema.Items, owner, path)).FirstOrDefault(f => f is not null);
            case "string":
                // Quantities may be written as numbers.
                if (kind == JsonValueKind.Number && schema.TypeName is { } name && name.EndsWith("Quantity", StringComparison.Ordinal))
                {
                    return null;
                }

                return kind != JsonValueKind.String ? Wrong(value, Field(owner, path), GoName(schema)) : OfText((string)value!, schema);
            case "boolean":
                return kind is JsonValueKind.True or JsonValueKind.False ? null : Wrong(value, Field(owner, path), "bool");
            case "integer":
                return OfInteger(value, schema, Field(owner, path));
            case "number":
                return kind == JsonValueKind.Number ? null : Wrong(value, Field(owner, path), "float64");
            default:
                return null;
        }
    }

    private static string? OfFields(JsonObject obj, Schema schema, string owner, string path)
    {
        // Go names a field by the struct that has it and the path from the root.
        var inner = schema.TypeName is { } type ? type[(type.LastIndexOf('.') + 1)..] : owner;
        foreach (var (name, value) in obj)
        {
            if (value is not null && schema.Field(name) is { } field)
            {
                var isField = schema.Properties is not null && schema.Properties.ContainsKey(name);
                var below = !isField ? path : path.Length == 0 ? name : $"{path}.{name}";
                if (Of(value, field, isField ? inner : owner, below) is { } fault)
                {
                    return fault;
                }
            }
        }

        return null;
    }

    private static string? OfText(string text, Schema schema) => schema.Format switch
    {
        "date-time" when !KubeTime.TryParse(text, out _) =>
            $"parsing time {GoFormat.Quote(text)} as \"2006-01-02T15:04:05{(schema.TypeName?.EndsWith("MicroTime", StringComparison.Ordinal) == true ? ".000000" : "")}Z07:00\": cannot parse {GoFormat.Quote(text)} as \"2006\"",
        "byte" when Base64Fault(text) is { } at => $"illegal base64 data at input byte {at.ToString(CultureInfo.InvariantCulture)}",
        _ => null,
    };

    private static string? OfInteger(JsonNode value, Schema schema, string field)
    {
        var type = schema.Format ?? "int64";
        if (value.GetValueKind() != JsonValueKind.Number)
        {
            return Wrong(value, field, type);
        }

        var text = value.ToJsonString();
        var fits = type == "int32"
            ? int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        return fits ? null : $"json: cannot unmarshal number {text} into Go struct field {field} of type {type}";
    }

    /// <summary>Where base64 goes wrong; null when it does not. Line breaks are allowed, as in Go.</summary>
    private static int? Base64Fault(string text)
    {
        var meaningful = text.Where(c => c is not ('\r' or '\n')).ToArray();
        var bytes = new byte[meaningful.Length];
        if (Convert.TryFromBase64Chars(meaningful, bytes, out _) && !meaningful.AsSpan().ContainsAny(' ', '\t'))
        {
            return null;
        }

        var at = text.AsSpan().IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n");
        return at < 0 ? text.Length / 4 * 4 : at;
    }

    private static string Wrong(JsonNode value, string field, string type) => $"json: cannot unmarshal {GoTypes.NameOf(value)} into Go struct field {field} of type {type}";

    private static string Field(string owner, string path) => path.Length == 0 ? owner : $"{owner}.{path}";

    private static string GoName(Schema schema) => schema.Type switch
    {
        "string" when schema.Format == "byte" => "[]uint8",
        "string" => "string",
        "integer" => schema.Format ?? "int64",
        "array" => "[]" + (schema.Items is null ? "interface {}" : GoName(schema.Items)),
        "object" when schema.TypeName is { } name => $"v1.{name[(name.LastIndexOf('.') + 1)..]}",
        "object" => $"map[string]{(schema.AdditionalProperties is null ? "interface {}" : GoName(schema.AdditionalProperties))}",
        "boolean" => "bool",
        _ => schema.Type,
    };
}
