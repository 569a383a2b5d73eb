using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>An entry of a map literal. Has an id of its own, and points at its colon.</summary>
internal readonly record struct MapEntry(int Id, SourceSpan Span, CelExpr Key, CelExpr Value, bool IsOptional);

/// <summary><c>{key: value, ?key: optional}</c></summary>
internal sealed class MapExpr(int id, SourceSpan span, ImmutableArray<MapEntry> entries) : CelExpr(id, span, Heights.Of(entries) + 1)
{
    public ImmutableArray<MapEntry> Entries { get; } = entries;
}
