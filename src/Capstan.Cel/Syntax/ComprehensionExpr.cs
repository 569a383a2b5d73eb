namespace Capstan.Cel.Syntax;

/// <summary>
/// A fold, made by macros only: the accumulator starts as <see cref="AccumulatorInit"/>; for each element of <see cref="Range"/>, while
/// <see cref="Condition"/> holds, it becomes <see cref="Step"/>; the value is <see cref="Result"/>.
/// </summary>
internal sealed class ComprehensionExpr(
    int id, SourceSpan span, CelExpr range, string variable, string? secondVariable, string accumulator,
    CelExpr accumulatorInit, CelExpr condition, CelExpr step, CelExpr result)
    : CelExpr(id, span, Heights.Of(range, accumulatorInit, condition, step, result) + 1)
{
    /// <summary>What it goes over, a list or a map. Evaluated outside the scope of the variables.</summary>
    public CelExpr Range { get; } = range;

    /// <summary>Alone: the element of a list, the key of a map. With <see cref="SecondVariable"/>: the index or the key.</summary>
    public string Variable { get; } = variable;

    /// <summary>The element or the value, null in a comprehension of one variable.</summary>
    public string? SecondVariable { get; } = secondVariable;

    public string Accumulator { get; } = accumulator;

    /// <summary>Evaluated outside the scope of the variables.</summary>
    public CelExpr AccumulatorInit { get; } = accumulatorInit;

    /// <summary>Sees accumulator and variables.</summary>
    public CelExpr Condition { get; } = condition;

    /// <summary>Sees accumulator and variables.</summary>
    public CelExpr Step { get; } = step;

    /// <summary>Sees the accumulator only.</summary>
    public CelExpr Result { get; } = result;
}
