namespace Capstan.Cel.Evaluation;

/// <summary>
/// <c>has((c ? a : b).field)</c>: cel-go takes a unit back for the variable that a presence test begins with, and does so even where it charged none.
/// </summary>
internal sealed class RefundNode(int id, PresenceNode test) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        var value = test.EvalBool(frame);
        frame.Refund(1);
        return value;
    }
}
