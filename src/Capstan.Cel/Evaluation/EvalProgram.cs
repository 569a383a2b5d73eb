namespace Capstan.Cel.Evaluation;

/// <summary>A lowered expression. Immutable and safe for threads.</summary>
/// <param name="root">The expression.</param>
/// <param name="slots">How many slots it uses.</param>
/// <param name="inputs">The variables that it reads, and where it wants them.</param>
/// <param name="variables">How many variables there are.</param>
internal sealed class EvalProgram(EvalNode root, int slots, (int Slot, int Variable)[] inputs, int variables)
{
    /// <summary>
    /// A conversion of a constant that fails, and where: cel-go with its optimizations makes no program of such an expression, though its types are right.
    /// </summary>
    public (int Position, string Message)? Fault { get; init; }

    /// <summary>The value, or an error as a value, and the cost. Throws nothing.</summary>
    /// <param name="values">Values of the scope's variables, or fewer; the default value means unbound.</param>
    /// <param name="limits">When to give up.</param>
    public CelEvaluation Evaluate(ReadOnlySpan<CelValue> values, in CelLimits limits = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, variables);
        var frame = Frame.Rent(slots, limits);
        foreach (var (slot, variable) in inputs)
        {
            if (variable < values.Length)
            {
                frame.Slots[slot] = values[variable];
            }
        }

        Run(frame, out var result);
        var evaluation = new CelEvaluation(frame.IsAborted ? frame.Abort : result, frame.Cost);
        frame.Return(slots);
        return evaluation;
    }

    // By itself: what must survive an exception lives in memory, and would do so through all of the evaluation.
    private void Run(Frame frame, out CelValue result)
    {
        try
        {
            root.Evaluate(frame, out result);
        }
#pragma warning disable CA1031 // Lists, maps and objects may be classes of others: what they throw is an error of the expression.
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            result = CelValue.Failure(e.Message);
        }
    }
}
