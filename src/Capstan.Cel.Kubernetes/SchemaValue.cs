using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes;

/// <summary>JSON as the values that its OpenAPI schema says. Nothing is copied, and what is not read is not looked at. Safe for several threads.</summary>
public static class SchemaValue
{
    /// <summary>
    /// A value of the type that <see cref="SchemaTypes.Of"/> tells. Where the JSON does not fit the schema, reading that part is an error of the
    /// expression; when the whole does not fit, the value is an error.
    /// </summary>
    /// <param name="json">The JSON, not to be changed while the value is in use; null is JSON's null.</param>
    /// <param name="schema">The schema; not to be changed any more.</param>
    /// <param name="isResource">Whether it is of a whole resource.</param>
    public static CelValue Of(JsonNode? json, Schema schema, bool isResource = false) => Of(CelValue.Of(json), schema, isResource);

    /// <summary>The same of JSON that is a value already, without types: of a document for instance.</summary>
    /// <param name="json">The JSON: null, a bool, int, double, string, list or map.</param>
    /// <param name="schema">The schema; not to be changed any more.</param>
    /// <param name="isResource">Whether it is of a whole resource.</param>
    public static CelValue Of(in CelValue json, Schema schema, bool isResource = false)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return json.IsError ? json : SchemaShape.Of(schema, isResource).Read(json);
    }
}
