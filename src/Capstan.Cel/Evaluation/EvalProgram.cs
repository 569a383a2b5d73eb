namespace Capstan.Cel.Evaluation;

/// <summary>A lowered expression. Immutable and safe for threads.</summary>
internal sealed class EvalProgram(EvalNode root, int slots, IReadOnlyList<string> variables)
{
    private Frame? _idle;

    /// <summary>What values are taken for, in order.</summary>
    public IReadOnlyList<string> Variables { get; } = variables;

    /// <summary>The value, or an error as a value, and the cost. Throws nothing.</summary>
    public CelEvaluation Evaluate(ReadOnlySpan<CelValue> values, in CelLimits limits) =>
        new(Evaluate(values, limits.Cancellation, (long)Math.Min(limits.Cost ?? long.MaxValue, long.MaxValue)), 0);

    /// <summary>The value, or an error as a value. Throws nothing.</summary>
    /// <param name="values">Values of <see cref="Variables"/>, or fewer; the default value means unbound.</param>
    /// <param name="cancellation">Looked at each 100 iterations.</param>
    /// <param name="maxSteps">Most iterations of all comprehensions together.</param>
    public CelValue Evaluate(ReadOnlySpan<CelValue> values, CancellationToken cancellation = default, long maxSteps = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, Variables.Count);
        var frame = Interlocked.Exchange(ref _idle, null) ?? new Frame(slots);
        frame.Begin(values, cancellation, maxSteps);
        root.Evaluate(frame, out var result);
        if (frame.IsAborted)
        {
            result = frame.Abort;
        }

        frame.End();
        Volatile.Write(ref _idle, frame);
        return result;
    }
}
