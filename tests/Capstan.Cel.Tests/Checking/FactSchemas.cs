using System.Text.Json.Nodes;

namespace Capstan.Cel.Tests.Checking;

/// <summary>The plain part of what schemas mean as types: no formats, no names that need escaping but those in front and behind.</summary>
internal static class FactSchemas
{
    public static CelType Type(JsonNode schema, string path) => (string?)schema["type"] switch
    {
        "integer" => CelType.Int,
        "number" => CelType.Double,
        "boolean" => CelType.Bool,
        "string" => CelType.String,
        "array" => CelType.List(Type(schema["items"]!, path + ".@idx")),
        _ when schema["additionalProperties"] is JsonObject values => CelType.Map(CelType.String, Type(values, path + ".@elem")),
        _ => new CelObjectType(path, Properties(schema, path)),
    };

    private static IEnumerable<KeyValuePair<string, CelType>> Properties(JsonNode schema, string path) =>
        from property in schema["properties"]?.AsObject() ?? []
        let type = Type(property.Value!, $"{path}.{property.Key}")
        from name in new[] { property.Key, $"__{property.Key}__" }
        where name == property.Key || property.Key is "if" or "namespace"
        select KeyValuePair.Create(name, type);
}
