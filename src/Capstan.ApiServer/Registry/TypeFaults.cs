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

        return OfMetadata(obj, served.Type.Kind) ?? OfEmbedded(obj, served.Schema, "", isEmbedded: false);
    }

    private static string? OfMetadata(JsonObject obj, string kind) => obj["metadata"] switch
    {
        null => null,
        JsonObject metadata => Of(metadata, BuiltInKinds.TypeNamed(BuiltInKinds.ObjectMeta), "ObjectMeta", kind.Length == 0 ? "" : "metadata"),
        var node => Wrong(node, kind.Length == 0 ? "ObjectMeta" : $"{kind}.metadata", "v1.ObjectMeta"),
    };

    /// <summary>Objects inside of a custom resource: what they are and their metadata are read like those of any object.</summary>
    private static string? OfEmbedded(JsonNode? value, Schema schema, string path, bool isEmbedded)
    {
        switch (value)
        {
            case JsonObject fields:
                if (isEmbedded && OfHeader(fields, path) is { } fault)
                {
                    return fault;
                }

                foreach (var (name, field) in fields)
                {
                    var below = path.Length == 0 ? name : $"{path}.{name}";
                    if (schema.Field(name) is { TypeName: null } inner && OfEmbedded(field, inner, below, inner.EmbeddedResource) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            case JsonArray items when schema.Items is { } item:
                return items.Select((one, i) => OfEmbedded(one, item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), item.EmbeddedResource)).FirstOrDefault(f => f is not null);
            default:
                return null;
        }
    }

    private static string? OfHeader(JsonObject fields, string path)
    {
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (fields.TryGetPropertyValue(name, out var value) && value.Text() is null)
            {
                return FieldErrors.Invalid($"{path}.{name}", value, "must be a string").ToString();
            }
        }

        return OfMetadata(fields, "") is { } fault ? FieldErrors.Invalid($"{path}.metadata", fields["metadata"], fault).ToString() : null;
    }

    /// <summary>The first fault of a value by its schema.</summary>
    public static string? Of(JsonObject obj, Schema schema, string kind) => Of(obj, schema, kind, "");

    private static string? Of(JsonNode? value, Schema schema, string owner, string path)
    {
        if (value is null || schema.PreserveUnknownFields)
        {
            return null;
        }

        if (OfText(value, schema, written: true) is { } fault)
        {
            return fault;
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
                return kind != JsonValueKind.String ? Wrong(value, Field(owner, path), path.EndsWith(".uid", StringComparison.Ordinal) ? "types.UID" : GoName(schema)) : null;
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

    /// <summary>The fault of a value whose type reads its text by itself: times, amounts, bytes, numbers that may be words.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="written">Whether it is read from JSON; else it is an object already, and bytes are worded otherwise.</param>
    public static string? OfText(JsonNode value, Schema schema, bool written)
    {
        var text = value.Text();
        if (schema.IntOrString)
        {
            return value.GetValueKind() switch
            {
                JsonValueKind.String => null,
                JsonValueKind.Number when int.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => null,
                JsonValueKind.Number => $"json: cannot unmarshal number {value.ToJsonString()} into Go value of type int32",
                _ => $"json: cannot unmarshal {GoTypes.NameOf(value)} into Go value of type int32",
            };
        }

        if (schema.TypeName == BuiltInKinds.Quantity)
        {
            return Quantity.TryParse(text ?? value.ToJsonString(), out _, out var fault) ? null : fault;
        }

        return schema.Format switch
        {
            "date-time" when text is not null => TimeFaults.Of(text, schema.TypeName == BuiltInKinds.MicroTime),
            "byte" when text is not null && Base64Fault(text) is { } at =>
                (written ? "" : "error decoding from json: ") + $"illegal base64 data at input byte {at.ToString(CultureInfo.InvariantCulture)}",
            _ => null,
        };
    }

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
