using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cel.Costs;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>
/// How large the values of a schema can be: what <c>maxLength</c>, <c>maxItems</c>, <c>maxProperties</c> and <c>enum</c> say, else what fits into
/// the largest request. For one thread: it remembers what it counted.
/// </summary>
internal sealed class SchemaSizes(SchemaShape root)
{
    /// <summary>Most octets of a request that Kubernetes takes.</summary>
    public const long LargestRequest = 3 * 1024 * 1024;

    // What nests deeper is no schema of JSON but one that requires itself: no value fits it.
    private const int MaxDepth = 250;

    // Octets of values in JSON, quotation marks included. Kubernetes takes the longest for their characters too.
    private const long EmptyText = 2;
    private const long LongestDuration = 32;
    private const long Date = 12;
    private const long LongestDateTime = 32;

    private readonly Dictionary<Schema, long> _least = [];

    /// <summary>How often a value of the schema can stand in an object, if nothing around it says: each with a comma.</summary>
    public ulong MostOccurrences => (ulong)(LargestRequest / (Least(root, 0) + 1));

    /// <summary>The size of what stands at a path, null where that is no part of the schema. Whatever the variable is, the path begins at the schema.</summary>
    public SizeInterval? Estimate(FieldPath path, CelType type)
    {
        if (path.Length == 0)
        {
            return null;
        }

        SchemaShape? here = root;
        foreach (var part in path.Parts[1..])
        {
            if (part == FieldPath.Keys && IsMap(here))
            {
                // Nothing bounds a key; yet Kubernetes counts none of its characters.
                return default(SizeInterval);
            }

            here = part switch
            {
                FieldPath.Items or FieldPath.Values => here.Kind == ShapeKind.Array || IsMap(here) ? here.Element : null,
                _ => here.Kind == ShapeKind.Object && !IsMap(here) && here.Fields.Declared(part) is { } field && field.Identifier == part
                    ? field.Shape
                    : null,
            };
            if (here?.Type is null)
            {
                return null;
            }
        }

        return new SizeInterval(0, (ulong)MostElements(here));
    }

    private static bool IsMap(SchemaShape shape) =>
        shape.Kind is ShapeKind.Map or ShapeKind.Object && shape.Schema.AdditionalProperties is not null;

    /// <summary>Most elements, entries or characters; 0 of what has none.</summary>
    private long MostElements(SchemaShape shape)
    {
        var schema = shape.Schema;
        return shape.Kind switch
        {
            // Brackets around, and a comma after each element.
            ShapeKind.Array => NotNegative(schema.MaxItems) ?? ((LargestRequest - 2) / (Least(shape.Element!, 0) + 1)),

            // Braces around, and with each value two quotation marks, two characters between them, a colon and a comma.
            _ when IsMap(shape) => NotNegative(schema.MaxProperties) ?? ((LargestRequest - 2) / (Least(shape.Element!, 0) + 6)),
            ShapeKind.IntOrString => Octets(schema.MaxLength) ?? (LargestRequest - EmptyText),
            ShapeKind.Bytes => NotNegative(schema.MaxLength) ?? (LargestRequest - EmptyText),
            ShapeKind.Duration => LongestDuration,
            ShapeKind.Date => Date,
            ShapeKind.DateTime => LongestDateTime,
            ShapeKind.String => Octets(schema.MaxLength)
                ?? (schema.Enum is { Count: > 0 } allowed ? allowed.Max(LengthOf) : LargestRequest - EmptyText),
            _ => 0,
        };
    }

    /// <summary>Octets of the shortest value in JSON.</summary>
    private long Least(SchemaShape shape, int depth) => shape.Kind switch
    {
        ShapeKind.Object when !IsMap(shape) => LeastOfFields(shape, depth),
        ShapeKind.Boolean => 4,
        ShapeKind.Number or ShapeKind.Integer or ShapeKind.IntOrString => 1,
        ShapeKind.Duration => 3,
        ShapeKind.Date => Date,
        ShapeKind.DateTime => 21,
        _ => 2,
    };

    private long LeastOfFields(SchemaShape shape, int depth)
    {
        if (_least.TryGetValue(shape.Schema, out var known))
        {
            return known;
        }

        long least = 2;
        if (depth < MaxDepth)
        {
            foreach (var name in shape.Schema.Required.Distinct())
            {
                // What has a default may be left out of a request.
                if (shape.Fields.Named(name)?.Shape is { Type: not null, Schema.Default: null } field)
                {
                    least += Encoding.UTF8.GetByteCount(name) + Least(field, depth + 1) + 4;
                }
            }
        }

        return _least[shape.Schema] = least;
    }

    // A character takes four octets at most.
    private static long? Octets(long? characters) => characters is { } known ? unchecked(Math.Max(0, known) * 4) : null;

    private static long LengthOf(JsonNode? allowed) =>
        allowed is JsonValue value && value.TryGetValue<string>(out var text) ? Encoding.UTF8.GetByteCount(text) : 0;

    private static long? NotNegative(long? value) => value is { } known ? Math.Max(0, known) : null;
}
