using Capstan.Cel.Costs;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>How often values of a schema can stand in one object by what the schemas around it say.</summary>
/// <param name="Max">The number, null where nothing bounds it.</param>
internal readonly record struct Cardinality(ulong? Max)
{
    /// <summary>Of the whole object.</summary>
    public static Cardinality One => new(1);

    /// <summary>Of what stands directly inside a schema of this cardinality.</summary>
    public Cardinality Inside(Schema schema)
    {
        long? times = schema.Type switch
        {
            "object" when schema.AdditionalProperties is not null || schema.AdditionalPropertiesAllowed => schema.MaxProperties,
            "array" => schema.MaxItems,
            _ => 1,
        };
        return new(Max is { } here && times is { } each ? Saturating.Multiply(here, (ulong)Math.Max(0, each)) : null);
    }
}
