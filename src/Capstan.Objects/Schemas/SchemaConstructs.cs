using System.Text.Json.Nodes;
using static Capstan.Schemas.StructuralRules;

namespace Capstan.Schemas;

/// <summary>Constructs of OpenAPI that Kubernetes does not support, and what its own extensions require of each other.</summary>
internal static class SchemaConstructs
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    private static readonly string[] Unsupported = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

    /// <summary>Whether the schema, or one inside it, has a member that a structural schema cannot hold.</summary>
    public static bool HasUnreadable(JsonObject schema) =>
        Unsupported.Any(member => IsGiven(schema, member)) || schema["items"] is JsonArray || IsFalse(schema["x-kubernetes-preserve-unknown-fields"])
        || Inner(schema, "").Any(inner => HasUnreadable(inner.Schema));

    public static void Check(JsonObject schema, string path, List<FieldError> errors) => Check(schema, path, isRoot: true, null, errors);

    // noDefaults: why no default may be told here; null when one may.
    private static void Check(JsonObject schema, string path, bool isRoot, string? noDefaults, List<FieldError> errors)
    {
        CheckSupported(schema, path, noDefaults, errors);
        if (IsTrue(schema["uniqueItems"]))
        {
            errors.Add(FieldErrors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }

        if (schema["additionalProperties"] is { } additional && !IsTrue(additional) && Properties(schema).Any())
        {
            errors.Add(FieldErrors.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }

        foreach (var (innerPath, inner) in Inner(schema, path))
        {
            var isHeader = isRoot && innerPath[path.Length..] is ".properties[metadata]" or ".properties[kind]" or ".properties[apiVersion]";
            Check(inner, innerPath, isRoot: false, isHeader ? $"in top-level {innerPath[(path.Length + 12)..^1]}" : noDefaults, errors);
        }

        if (IsFalse(schema["x-kubernetes-preserve-unknown-fields"]))
        {
            errors.Add(FieldErrors.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
        }

        ListRules.Check(schema, path, errors);
    }

    private static void CheckSupported(JsonObject schema, string path, string? noDefaults, List<FieldError> errors)
    {
        var type = Text(schema["type"]);
        if (type.Length > 0 && !Types.Contains(type))
        {
            errors.Add(FieldErrors.NotSupported($"{path}.type", type, Types));
        }

        if (noDefaults is not null && schema["default"] is not null)
        {
            errors.Add(FieldErrors.Forbidden($"{path}.default", $"must not be set {noDefaults}"));
        }

        foreach (var member in Unsupported.Where(member => IsGiven(schema, member)))
        {
            errors.Add(FieldErrors.Forbidden($"{path}.{member}", $"{member} is not supported"));
        }

        if (type == "null")
        {
            errors.Add(FieldErrors.Forbidden($"{path}.type", "type cannot be set to null, use nullable as an alternative"));
        }

        if (schema["items"] is JsonArray { Count: > 0 })
        {
            errors.Add(FieldErrors.Forbidden($"{path}.items", "items must be a schema object and not an array"));
        }
    }

    /// <summary>The schemas directly inside of a schema, each with its path.</summary>
    public static IEnumerable<(string Path, JsonObject Schema)> Inner(JsonObject schema, string path)
    {
        if (schema["additionalProperties"] is JsonObject values)
        {
            yield return ($"{path}.additionalProperties", values);
        }

        foreach (var (name, field) in Properties(schema))
        {
            yield return ($"{path}.properties[{name}]", field);
        }

        if (schema["not"] is JsonObject not)
        {
            yield return ($"{path}.not", not);
        }

        foreach (var junctor in (string[])["allOf", "oneOf", "anyOf"])
        {
            foreach (var alternative in Alternatives(schema, junctor, path))
            {
                yield return alternative;
            }
        }

        if (schema["items"] is JsonObject items)
        {
            yield return ($"{path}.items", items);
        }
    }

    private static bool IsGiven(JsonObject schema, string member) => schema[member] switch
    {
        null => false,
        JsonObject { Count: 0 } => member is "dependencies" or "additionalItems",
        JsonValue value => !value.TryGetValue<string>(out var text) || text.Length > 0 || member == "$ref",
        _ => true,
    };

    private static bool IsFalse(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && !flag;
}
