using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>A field of a message literal. Has an id of its own, and points at its colon.</summary>
internal readonly record struct StructField(int Id, SourceSpan Span, string Name, CelExpr Value, bool IsOptional);

/// <summary><c>pkg.Type{field: value}</c></summary>
internal sealed class StructExpr(int id, SourceSpan span, string typeName, ImmutableArray<StructField> fields)
    : CelExpr(id, span, Heights.Of(fields) + 1)
{
    /// <summary>Dotted name as written, with the dot in front where the text has one.</summary>
    public string TypeName { get; } = typeName;

    public ImmutableArray<StructField> Fields { get; } = fields;
}
