namespace Capstan.Cel.Syntax;

/// <summary>How a fold of one or two variables answers a question about the elements: for all, for some, for exactly one.</summary>
internal sealed class Quantifier
{
    private readonly Func<MacroExpansion, CelExpr> _init;
    private readonly Func<MacroExpansion, CelExpr> _condition;
    private readonly Func<MacroExpansion, CelExpr, CelExpr> _step;
    private readonly Func<MacroExpansion, CelExpr> _result;

    private Quantifier(
        Func<MacroExpansion, CelExpr> init, Func<MacroExpansion, CelExpr> condition,
        Func<MacroExpansion, CelExpr, CelExpr> step, Func<MacroExpansion, CelExpr> result)
    {
        _init = init;
        _condition = condition;
        _step = step;
        _result = result;
    }

    /// <summary>Ends at the first false; an error before it is absorbed.</summary>
    public static Quantifier All { get; } = new(
        x => x.Bool(true),
        x => x.Call(Operators.NotStrictlyFalse, x.AccumulatorIdent()),
        (x, predicate) => x.Call(Operators.And, x.AccumulatorIdent(), predicate),
        x => x.AccumulatorIdent());

    /// <summary>Ends at the first true; an error before it is absorbed.</summary>
    public static Quantifier Exists { get; } = new(
        x => x.Bool(false),
        x => x.Call(Operators.NotStrictlyFalse, x.Call(Operators.Not, x.AccumulatorIdent())),
        (x, predicate) => x.Call(Operators.Or, x.AccumulatorIdent(), predicate),
        x => x.AccumulatorIdent());

    /// <summary>Goes over all elements, and absorbs no error.</summary>
    public static Quantifier ExistsOne { get; } = new(
        x => x.Int(0),
        x => x.Bool(true),
        (x, predicate) => x.Call(
            Operators.Conditional, predicate, x.Call(Operators.Add, x.AccumulatorIdent(), x.Int(1)), x.AccumulatorIdent()),
        x => x.Call(Operators.Equals, x.AccumulatorIdent(), x.Int(1)));

    public CelExpr Fold(MacroExpansion x, CelExpr range, string variable, string? second, CelExpr predicate) =>
        x.Fold(range, variable, second, _init(x), _condition(x), _step(x, predicate), _result(x));
}
