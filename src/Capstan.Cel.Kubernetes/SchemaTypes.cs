using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes;

/// <summary>What the values of an OpenAPI schema are to the type checker: the types of <c>self</c> and <c>oldSelf</c>. Safe for several threads.</summary>
public static class SchemaTypes
{
    /// <summary>The type of values of a schema. Values are made by <see cref="SchemaValue"/>.</summary>
    /// <param name="schema">The schema; not to be changed any more.</param>
    /// <param name="isResource">
    /// Whether it is of a whole resource: apiVersion, kind, metadata.name and metadata.generateName are then there whatever the schema says.
    /// </param>
    /// <returns>Null when expressions cannot name values of the schema: it has no type, or its items or values have none.</returns>
    public static CelType? Of(Schema schema, bool isResource = false)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return SchemaShape.Of(schema, isResource).Type;
    }
}
