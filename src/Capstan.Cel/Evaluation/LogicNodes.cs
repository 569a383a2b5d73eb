using Capstan.Cel.Costs;

namespace Capstan.Cel.Evaluation;

/// <summary><c>&amp;&amp;</c>: false on either side absorbs an error of the other.</summary>
internal sealed class AndNode(int id, EvalNode left, EvalNode right) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        var first = left.EvalBool(frame);
        if (first != Failed)
        {
            return first == False ? False : right.EvalBool(frame);
        }

        var error = frame.Error;
        return right.EvalBool(frame) == False ? False : Fail(frame, error);
    }
}

/// <summary><c>||</c>: true on either side absorbs an error of the other.</summary>
internal sealed class OrNode(int id, EvalNode left, EvalNode right) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        var first = left.EvalBool(frame);
        if (first != Failed)
        {
            return first == True ? True : right.EvalBool(frame);
        }

        var error = frame.Error;
        return right.EvalBool(frame) == True ? True : Fail(frame, error);
    }
}

internal sealed class NotNode(int id, EvalNode operand) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        var value = operand.EvalBool(frame);
        frame.Charge(CostFactors.CallCost);
        return value switch
        {
            False => True,
            True => False,
            _ => Failed,
        };
    }
}

/// <summary><c>?:</c>: only the branch that is taken is evaluated.</summary>
internal sealed class ConditionalNode(int id, EvalNode condition, EvalNode then, EvalNode otherwise) : EvalNode(id)
{
    public override void Evaluate(Frame frame, out CelValue result)
    {
        switch (condition.EvalBool(frame))
        {
            case True:
                then.Evaluate(frame, out result);
                break;
            case False:
                otherwise.Evaluate(frame, out result);
                break;
            default:
                result = frame.Error;
                break;
        }
    }

    public override int EvalBool(Frame frame) => condition.EvalBool(frame) switch
    {
        True => then.EvalBool(frame),
        False => otherwise.EvalBool(frame),
        _ => Failed,
    };
}
