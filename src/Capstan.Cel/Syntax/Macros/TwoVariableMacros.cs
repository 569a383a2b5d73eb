using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>Comprehensions over (index, element) or (key, value).</summary>
internal static class TwoVariableMacros
{
    /// <summary>Puts an entry, or the entries of a map, into the accumulator; fails on a key that is there.</summary>
    public const string MapInsert = "cel.@mapInsert";

    public static IReadOnlyList<Macro> All { get; } =
    [
        new("all", 3, true, (x, range, a) => Quantify(x, range!, a, Quantifier.All)),
        new("exists", 3, true, (x, range, a) => Quantify(x, range!, a, Quantifier.Exists)),
        new("existsOne", 3, true, (x, range, a) => Quantify(x, range!, a, Quantifier.ExistsOne)),
        new("exists_one", 3, true, (x, range, a) => Quantify(x, range!, a, Quantifier.ExistsOne)),
        new("transformList", 3, true, (x, range, a) => TransformList(x, range!, a, null, a[2])),
        new("transformList", 4, true, (x, range, a) => TransformList(x, range!, a, a[2], a[3])),
        new("transformMap", 3, true, (x, range, a) => TransformMap(x, range!, a, null, a[2])),
        new("transformMap", 4, true, (x, range, a) => TransformMap(x, range!, a, a[2], a[3])),
        new("transformMapEntry", 3, true, (x, range, a) => TransformMapEntry(x, range!, a, null, a[2])),
        new("transformMapEntry", 4, true, (x, range, a) => TransformMapEntry(x, range!, a, a[2], a[3])),
    ];

    private static CelExpr Quantify(MacroExpansion x, CelExpr range, ImmutableArray<CelExpr> arguments, Quantifier quantifier) =>
        LoopVariable.PairOf(x, arguments) is var (first, second) ? quantifier.Fold(x, range, first, second, arguments[2]) : range;

    private static CelExpr TransformList(
        MacroExpansion x, CelExpr range, ImmutableArray<CelExpr> arguments, CelExpr? filter, CelExpr transform) =>
        LoopVariable.PairOf(x, arguments) is var (first, second)
            ? x.Fold(range, first, second, x.List(), x.Bool(true), StandardMacros.Collect(x, filter, transform), x.AccumulatorIdent())
            : range;

    private static CelExpr TransformMap(
        MacroExpansion x, CelExpr range, ImmutableArray<CelExpr> arguments, CelExpr? filter, CelExpr transform) =>
        LoopVariable.PairOf(x, arguments) is var (first, second)
            ? Insert(x, range, first, second, filter, x.Call(MapInsert, x.AccumulatorIdent(), x.Ident(first), transform))
            : range;

    private static CelExpr TransformMapEntry(
        MacroExpansion x, CelExpr range, ImmutableArray<CelExpr> arguments, CelExpr? filter, CelExpr transform) =>
        LoopVariable.PairOf(x, arguments) is var (first, second)
            ? Insert(x, range, first, second, filter, x.Call(MapInsert, x.AccumulatorIdent(), transform))
            : range;

    private static CelExpr Insert(MacroExpansion x, CelExpr range, string first, string second, CelExpr? filter, CelExpr insert) =>
        x.Fold(range, first, second, x.Map(), x.Bool(true), StandardMacros.Where(x, filter, insert), x.AccumulatorIdent());
}
