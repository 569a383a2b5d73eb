using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Capstan.Cel.Evaluation;

/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="value">The value.</param>
/// <param name="cost">What evaluating it would cost if it had not been found when the program was made.</param>
/// <param name="isLiteral">Whether it is constant in cel-go too; only parts that are make a list, a map or an index constant there.</param>
internal sealed class ConstantNode(int id, CelValue value, ulong cost = 0, bool isLiteral = true) : EvalNode(id)
{
    public CelValue Value { get; } = value;

    public ulong Cost => cost;

    public bool IsLiteral => isLiteral;

    public override void Evaluate(Frame frame, out CelValue result)
    {
        result = Value;
        if (cost > 0)
        {
            frame.Charge(cost);
        }
    }
}

/// <summary>A variable of the caller or of a comprehension.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="slot">Where it lies.</param>
/// <param name="name">The name, for the error.</param>
/// <param name="cost">1; 0 where fields of it are read, whose node charges it, or where cel-go does not.</param>
internal sealed class SlotNode(int id, int slot, string name, ulong cost) : EvalNode(id)
{
    public int Slot => slot;

    public override void Evaluate(Frame frame, out CelValue result)
    {
        frame.Charge(cost);
        result = frame.Slots[slot];
        if (result.Kind == CelKind.None)
        {
            result = CelValue.Error(EvalErrorKind.Unbound, Id, name);
        }
    }

    public override bool TryInt(Frame frame, out long value, out CelValue other)
    {
        ref readonly var here = ref frame.Slots[slot];
        if (here.Kind != CelKind.Int)
        {
            Evaluate(frame, out other);
            value = 0;
            return false;
        }

        frame.Charge(cost);
        value = here.Int;
        Unsafe.SkipInit(out other);
        return true;
    }

    public override bool TryLocate(Frame frame, [NotNullWhen(true)] out CelDocument? document, out int node, out CelValue other)
    {
        if (!frame.Slots[slot].TryDocument(out document, out node))
        {
            Evaluate(frame, out other);
            return false;
        }

        frame.Charge(cost);
        Unsafe.SkipInit(out other);
        return true;
    }
}

/// <summary>A name for a value, which is evaluated where the name is first met, and not at all if it never is.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="slot">Where the value lies once it is evaluated.</param>
/// <param name="value">The value.</param>
/// <param name="cost">See <see cref="SlotNode"/>.</param>
internal sealed class LazySlotNode(int id, int slot, EvalNode value, ulong cost) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        if (frame.Slots[slot].Kind == CelKind.None)
        {
            value.Evaluate(frame, out frame.Slots[slot]);
        }

        frame.Charge(cost);
        result = frame.Slots[slot];
    }
}
