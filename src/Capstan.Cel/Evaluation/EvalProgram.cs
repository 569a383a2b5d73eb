namespace Capstan.Cel.Evaluation;

/// <summary>A lowered expression. Immutable and safe for threads.</summary>
internal sealed class EvalProgram(EvalNode root, int slots, IReadOnlyList<string> variables)
{
    private Frame? _idle;

    /// <summary>What values are taken for, in order.</summary>
    public IReadOnlyList<string> Variables { get; } = variables;

    /// <summary>The value, or an error as a value, and the cost. Throws nothing.</summary>
    /// <param name="values">Values of <see cref="Variables"/>, or fewer; the default value means unbound.</param>
    /// <param name="limits">When to give up.</param>
    public CelEvaluation Evaluate(ReadOnlySpan<CelValue> values, in CelLimits limits = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, Variables.Count);
        var frame = Interlocked.Exchange(ref _idle, null) ?? new Frame(slots);
        frame.Begin(values, limits.Cancellation, limits.Cost);
        root.Evaluate(frame, out var result);
        if (frame.IsAborted)
        {
            result = frame.Abort;
        }

        var cost = frame.Cost;
        frame.End();
        Volatile.Write(ref _idle, frame);
        return new(result, cost);
    }
}
