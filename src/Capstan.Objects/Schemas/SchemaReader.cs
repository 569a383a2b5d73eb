using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Reads the OpenAPI v3 schema of a CustomResourceDefinition.</summary>
public static class SchemaReader
{
    /// <summary>The schema that <paramref name="openApiV3Schema"/> tells. Members of a wrong type are read as absent: <see cref="StructuralRules"/> and the
    /// schema of CustomResourceDefinition itself judge before.</summary>
    public static Schema FromOpenApiV3(JsonObject openApiV3Schema)
    {
        var read = openApiV3Schema;
        var additional = read["additionalProperties"];
        var listType = Text(read, "x-kubernetes-list-type");
        return new()
        {
            Type = Text(read, "type") ?? "",
            Format = Text(read, "format"),
            Title = Text(read, "title"),
            Description = Text(read, "description"),
            Properties = read["properties"] is JsonObject fields ? Fields(fields) : null,
            AdditionalProperties = additional is JsonObject values ? FromOpenApiV3(values) : null,
            AdditionalPropertiesAllowed = IsTrue(additional),
            Items = read["items"] is JsonObject items ? FromOpenApiV3(items) : null,
            Required = Texts(read, "required"),
            Enum = read["enum"] is JsonArray allowed ? [.. allowed.Select(value => value?.DeepClone())] : null,
            Default = read["default"]?.DeepClone(),
            Nullable = IsTrue(read["nullable"]),
            Minimum = Number(read, "minimum"),
            Maximum = Number(read, "maximum"),
            ExclusiveMinimum = IsTrue(read["exclusiveMinimum"]),
            ExclusiveMaximum = IsTrue(read["exclusiveMaximum"]),
            MultipleOf = Number(read, "multipleOf"),
            MinLength = Integer(read, "minLength"),
            MaxLength = Integer(read, "maxLength"),
            Pattern = Text(read, "pattern") is { Length: > 0 } pattern ? pattern : null,
            MinItems = Integer(read, "minItems"),
            MaxItems = Integer(read, "maxItems"),
            UniqueItems = IsTrue(read["uniqueItems"]),
            MinProperties = Integer(read, "minProperties"),
            MaxProperties = Integer(read, "maxProperties"),
            AllOf = All(read, "allOf"),
            AnyOf = All(read, "anyOf"),
            OneOf = All(read, "oneOf"),
            Not = read["not"] is JsonObject not ? FromOpenApiV3(not) : null,
            PreserveUnknownFields = IsTrue(read["x-kubernetes-preserve-unknown-fields"]),
            EmbeddedResource = IsTrue(read["x-kubernetes-embedded-resource"]),
            IntOrString = IsTrue(read["x-kubernetes-int-or-string"]),
            ListTypeGiven = listType is not null,
            ListType = listType switch { "map" => ListType.Map, "set" => ListType.Set, _ => ListType.Atomic },
            ListMapKeys = Texts(read, "x-kubernetes-list-map-keys"),
            AtomicMap = Text(read, "x-kubernetes-map-type") == "atomic",
            Validations = read["x-kubernetes-validations"] is JsonArray rules ? rules.DeepClone().AsArray() : null,
        };
    }

    private static Dictionary<string, Schema> Fields(JsonObject fields)
    {
        var schemas = new Dictionary<string, Schema>(fields.Count, StringComparer.Ordinal);
        foreach (var (name, field) in fields)
        {
            schemas.Add(name, FromOpenApiV3(field as JsonObject ?? []));
        }

        return schemas;
    }

    private static List<Schema>? All(JsonObject read, string member) =>
        read[member] is JsonArray { Count: > 0 } several ? [.. several.Select(one => FromOpenApiV3(one as JsonObject ?? []))] : null;

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    private static string? Text(JsonObject read, string member) => read[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string[] Texts(JsonObject read, string member) =>
        read[member] is JsonArray items ? [.. items.OfType<JsonValue>().Select(item => item.TryGetValue<string>(out var text) ? text : null).OfType<string>()] : [];

    private static double? Number(JsonObject read, string member) =>
        read[member] is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number ? JsonNumbers.Double(value) : null;

    private static long? Integer(JsonObject read, string member) => read[member] is { } node && JsonNumbers.TryInteger(node, out var integer) ? integer : null;
}
