namespace Capstan.Cel.Evaluation;

internal sealed class ConstantNode(int id, CelValue value) : EvalNode(id)
{
    public CelValue Value { get; } = value;

    public override void Evaluate(Frame frame, out CelValue result) => result = Value;
}

/// <summary>A variable of the caller or of a comprehension.</summary>
internal sealed class SlotNode(int id, int slot, string name) : EvalNode(id)
{
    public int Slot => slot;

    public override void Evaluate(Frame frame, out CelValue result)
    {
        result = frame.Slots[slot];
        if (result.Kind == CelKind.None)
        {
            result = CelValue.Error(EvalErrorKind.Unbound, Id, name);
        }
    }
}
