using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>The macros of the specification: has, all, exists, exists_one, map, filter.</summary>
internal static class StandardMacros
{
    public static IReadOnlyList<Macro> All { get; } =
    [
        new("has", 1, false, Has),
        new("all", 2, true, (x, range, a) => Quantify(x, range!, a, Quantifier.All)),
        new("exists", 2, true, (x, range, a) => Quantify(x, range!, a, Quantifier.Exists)),
        new("exists_one", 2, true, (x, range, a) => Quantify(x, range!, a, Quantifier.ExistsOne)),
        new("map", 2, true, (x, range, a) => Map(x, range!, a[0], null, a[1])),
        new("map", 3, true, (x, range, a) => Map(x, range!, a[0], a[1], a[2])),
        new("filter", 2, true, (x, range, a) => Map(x, range!, a[0], a[1], a[0])),
    ];

    /// <summary>A new list of what <paramref name="transform"/> makes of each element for which <paramref name="filter"/> holds.</summary>
    public static CelExpr Map(MacroExpansion x, CelExpr range, CelExpr variable, CelExpr? filter, CelExpr transform)
    {
        if (LoopVariable.Of(x, variable, "argument is not an identifier") is not { } name)
        {
            return range;
        }

        return x.Fold(range, name, null, x.List(), x.Bool(true), Collect(x, filter, transform), x.AccumulatorIdent());
    }

    /// <summary>The step that appends a value to the accumulator where the filter holds.</summary>
    public static CelExpr Collect(MacroExpansion x, CelExpr? filter, CelExpr value) =>
        Where(x, filter, x.Call(Operators.Add, x.AccumulatorIdent(), x.List(value)));

    /// <summary>The step where the filter holds, else the accumulator as it is.</summary>
    public static CelExpr Where(MacroExpansion x, CelExpr? filter, CelExpr step) =>
        filter is null ? step : x.Call(Operators.Conditional, filter, step, x.AccumulatorIdent());

    private static CelExpr Quantify(MacroExpansion x, CelExpr range, ImmutableArray<CelExpr> arguments, Quantifier quantifier) =>
        LoopVariable.Of(x, arguments[0]) is { } name ? quantifier.Fold(x, range, name, null, arguments[1]) : range;

    private static CelExpr Has(MacroExpansion x, CelExpr? target, ImmutableArray<CelExpr> arguments) =>
        arguments[0] is SelectExpr { IsOptional: false, IsTestOnly: false } select
            ? x.PresenceTest(select.Operand, select.Field)
            : x.Error(arguments[0], "invalid argument to has() macro");
}
