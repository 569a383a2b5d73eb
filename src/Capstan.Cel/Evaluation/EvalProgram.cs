using System.Runtime.CompilerServices;

namespace Capstan.Cel.Evaluation;

/// <summary>A lowered expression. Immutable and safe for threads.</summary>
/// <param name="root">The expression.</param>
/// <param name="slots">How many slots it uses.</param>
/// <param name="inputs">The variables that it reads, and where it wants them.</param>
/// <param name="variables">How many variables there are.</param>
internal sealed class EvalProgram(EvalNode root, int slots, (int Slot, int Variable)[] inputs, int variables)
{
    // Many policies compare one field of a document with a constant. Of those the verdict is found without a frame.
    private readonly int _direct = inputs is [var (slot, variable)] && root.IsDirect(slot) ? variable : -1;

    /// <summary>
    /// A conversion of a constant that fails, and where: cel-go with its optimizations makes no program of such an expression, though its types are right.
    /// </summary>
    public (int Position, string Message)? Fault { get; init; }

    /// <summary>The value, or an error as a value, and the cost. Throws nothing.</summary>
    /// <param name="values">Values of the scope's variables, or fewer; the default value means unbound.</param>
    /// <param name="limits">When to give up.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CelEvaluation Evaluate(ReadOnlySpan<CelValue> values, in CelLimits limits = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, variables);
        return _direct < 0 ? Ordinary(values, limits) : Direct(values, limits);
    }

    private CelEvaluation Direct(ReadOnlySpan<CelValue> values, in CelLimits limits)
    {
        if (_direct < values.Length && values[_direct].TryDocument(out var document, out var node))
        {
            var cost = 0UL;
            var verdict = root.Judge(document, node, ref cost);
            if (verdict != EvalNode.Failed && cost <= (limits.Cost ?? ulong.MaxValue))
            {
                return new(CelValue.Of(verdict == EvalNode.True), cost);
            }
        }

        return Again(values, limits);
    }

    // Not inline: this is for what is missing or of another kind.
    private CelEvaluation Again(ReadOnlySpan<CelValue> values, in CelLimits limits) => Ordinary(values, limits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CelEvaluation Ordinary(ReadOnlySpan<CelValue> values, in CelLimits limits)
    {
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
