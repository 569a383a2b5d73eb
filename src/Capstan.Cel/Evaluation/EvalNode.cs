using System.Diagnostics.CodeAnalysis;

namespace Capstan.Cel.Evaluation;

/// <summary>A node of a lowered expression. Immutable, safe for threads; what changes is in the frame. Errors are values, nothing is thrown.</summary>
internal abstract class EvalNode(int id)
{
    public const int False = 0;
    public const int True = 1;
    public const int Failed = 2;

    /// <summary>The id of the syntax node.</summary>
    public int Id { get; } = id;

    public abstract void Evaluate(Frame frame, out CelValue result);

    /// <summary><see cref="False"/>, <see cref="True"/>, or <see cref="Failed"/> with the error in <see cref="Frame.Error"/>; no bool is an error.</summary>
    public virtual int EvalBool(Frame frame)
    {
        Evaluate(frame, out var value);
        return ToBool(frame, value);
    }

    /// <summary>An int without a value around it. False: <paramref name="other"/> is what it is instead, an error perhaps.</summary>
    public virtual bool TryInt(Frame frame, out long value, out CelValue other)
    {
        Evaluate(frame, out other);
        value = other.Int;
        return other.Kind == CelKind.Int;
    }

    /// <summary>Where the value lies in a document, a scalar too. False: <paramref name="other"/> is the value, or an error.</summary>
    public virtual bool TryLocate(Frame frame, [NotNullWhen(true)] out CelDocument? document, out int node, out CelValue other)
    {
        Evaluate(frame, out other);
        return other.TryDocument(out document, out node);
    }

    /// <summary>Whether <see cref="Judge"/> may know the verdict, where the one variable that is read has this slot.</summary>
    public virtual bool IsDirect(int slot) => false;

    /// <summary>
    /// The verdict of a test of one document, without a frame; adds what it costs. <see cref="Failed"/>: not to be known so, <see cref="EvalBool"/>
    /// tells, and the cost means nothing.
    /// </summary>
    public virtual int Judge(CelDocument document, int node, ref ulong cost) => Failed;

    protected int ToBool(Frame frame, in CelValue value)
    {
        if (value.Kind == CelKind.Bool)
        {
            return value.Bool ? True : False;
        }

        frame.Error = value.IsError ? value : CelValue.Error(EvalErrorKind.NoSuchOverload, Id);
        return Failed;
    }
}

/// <summary>A node whose value is a bool or an error.</summary>
internal abstract class BoolNode(int id) : EvalNode(id)
{
    public abstract override int EvalBool(Frame frame);

    public sealed override void Evaluate(Frame frame, out CelValue result)
    {
        var value = EvalBool(frame);
        result = value == Failed ? frame.Error : CelValue.Of(value == True);
    }

    protected int Fail(Frame frame, in CelValue error)
    {
        frame.Error = error;
        return Failed;
    }
}
