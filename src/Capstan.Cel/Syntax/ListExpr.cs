using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary><c>[a, ?b]</c></summary>
internal sealed class ListExpr(int id, SourceSpan span, ImmutableArray<CelExpr> elements, ImmutableArray<int> optionalIndices)
    : CelExpr(id, span, Heights.Of(elements) + 1)
{
    public ImmutableArray<CelExpr> Elements { get; } = elements;

    /// <summary>Indices of the elements with <c>?</c>, ascending: they are optional values, left out when they are none.</summary>
    public ImmutableArray<int> OptionalIndices { get; } = optionalIndices;
}
