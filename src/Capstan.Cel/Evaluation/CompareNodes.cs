using System.Text;
using Capstan.Cel.Costs;
using Capstan.Cel.Documents;
using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

internal sealed class EqualNode(int id, EvalNode left, EvalNode right, bool negated) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        // As in cel-go both sides are evaluated, and paid for, even if the first fails.
        left.Evaluate(frame, out var a);
        right.Evaluate(frame, out var b);
        frame.Charge(a.Kind == CelKind.Object && !negated ? CostFactors.CallCost : ValueSize.CostOfSmaller(a, b));
        if (a.IsError || b.IsError)
        {
            return Fail(frame, a.IsError ? a : b);
        }

        if (a.Kind is CelKind.List or CelKind.Map or CelKind.Optional && !frame.Work(Math.Min(ValueWeight.Of(a), ValueWeight.Of(b))))
        {
            return Fail(frame, frame.Abort);
        }

        return CelEquality.Equal(a, b) != negated ? True : False;
    }
}

/// <summary>A value compared to an int that is known.</summary>
internal sealed class EqualIntNode(int id, EvalNode operand, long number, bool negated) : BoolNode(id)
{
    private readonly PathNode? _path = operand as PathNode;

    public override bool IsDirect(int slot) => _path?.StartsAt(slot) ?? false;

    public override int Judge(CelDocument document, int node, ref ulong cost)
    {
        cost += _path!.Cost + CostFactors.CallCost;
        return !_path.TryWalkToInt(document, node, out var value) ? Failed : value == number != negated ? True : False;
    }

    public override int EvalBool(Frame frame)
    {
        if (operand.TryInt(frame, out var value, out var other))
        {
            frame.Charge(CostFactors.CallCost);
            return value == number != negated ? True : False;
        }

        var constant = CelValue.Of(number);
        frame.Charge(other.Kind == CelKind.Object && !negated ? CostFactors.CallCost : ValueSize.CostOfSmaller(other, constant));
        return other.IsError ? Fail(frame, other) : CelEquality.Equal(other, constant) != negated ? True : False;
    }
}

/// <summary>A value compared to a string that is known: a string of a document is compared where it lies.</summary>
internal sealed class EqualTextNode(int id, EvalNode operand, string text, bool negated) : BoolNode(id)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);
    private readonly CelValue _text = CelValue.Of(text);
    private readonly PathNode? _path = operand as PathNode;

    public override bool IsDirect(int slot) => _path?.StartsAt(slot) ?? false;

    public override int Judge(CelDocument document, int node, ref ulong cost)
    {
        if (!_path!.TryWalk(document, ref node) || document.Kind(node) != TapeKind.String || !document.TryUtf8(node, out var utf8))
        {
            return Failed;
        }

        cost += _path.Cost + ValueSize.CostOfSmaller(CelValue.Of(document, node), _text);
        return utf8.SequenceEqual(_utf8) != negated ? True : False;
    }

    public override int EvalBool(Frame frame)
    {
        if (operand.TryLocate(frame, out var document, out var node, out var value))
        {
            value = CelValue.Of(document, node);
        }

        frame.Charge(value.Kind == CelKind.Object && !negated ? CostFactors.CallCost : ValueSize.CostOfSmaller(value, _text));
        if (value.Kind == CelKind.String)
        {
            var same = value.TryUtf8(out var utf8) ? utf8.SequenceEqual(_utf8) : value.String == text;
            return same != negated ? True : False;
        }

        return value.IsError ? Fail(frame, value) : negated ? True : False;
    }
}

internal enum Relation
{
    Less,
    LessEquals,
    Greater,
    GreaterEquals,
}

/// <summary>What the nodes of an order share: whether it holds, and the fault of values that have none.</summary>
internal abstract class OrderNode(int id, Relation relation) : BoolNode(id)
{
    protected int Judge(Frame frame, in CelValue left, in CelValue right)
    {
        if (!CelEquality.TryCompare(left, right, out var order))
        {
            return Fail(frame, order == 2 ? CelValue.Error(CelErrorKind.NanOrdering, Id) : CelValue.Error(EvalErrorKind.NoSuchOverload, Id));
        }

        return Holds(order) ? True : False;
    }

    protected bool Holds(int order) => relation switch
    {
        Relation.Less => order < 0,
        Relation.LessEquals => order <= 0,
        Relation.Greater => order > 0,
        _ => order >= 0,
    };
}

/// <summary><c>&lt;</c> and its kin, of values that have an order.</summary>
/// <param name="id">See <see cref="EvalNode.Id"/>.</param>
/// <param name="left">The left side.</param>
/// <param name="right">The right side.</param>
/// <param name="relation">Which of them.</param>
/// <param name="isOfText">Whether the checker knows that both are strings or both are bytes: the cost is then by size.</param>
internal sealed class RelationNode(int id, EvalNode left, EvalNode right, Relation relation, bool isOfText) : OrderNode(id, relation)
{
    public override int EvalBool(Frame frame)
    {
        var leftIsInt = left.TryInt(frame, out var leftInt, out var a);
        if (right.TryInt(frame, out var rightInt, out var b))
        {
            if (leftIsInt)
            {
                frame.Charge(CostFactors.CallCost);
                return Holds(leftInt.CompareTo(rightInt)) ? True : False;
            }

            b = CelValue.Of(rightInt);
        }

        if (leftIsInt)
        {
            a = CelValue.Of(leftInt);
        }

        frame.Charge(isOfText ? ValueSize.CostOfSmaller(a, b) : CostFactors.CallCost);
        return a.IsError ? Fail(frame, a) : b.IsError ? Fail(frame, b) : Judge(frame, a, b);
    }
}

/// <summary>A value against an int that is known.</summary>
internal sealed class RelationToIntNode(int id, EvalNode operand, long number, Relation relation) : OrderNode(id, relation)
{
    private readonly PathNode? _path = operand as PathNode;

    public override bool IsDirect(int slot) => _path?.StartsAt(slot) ?? false;

    public override int Judge(CelDocument document, int node, ref ulong cost)
    {
        cost += _path!.Cost + CostFactors.CallCost;
        return !_path.TryWalkToInt(document, node, out var value) ? Failed : Holds(value.CompareTo(number)) ? True : False;
    }

    public override int EvalBool(Frame frame)
    {
        var isInt = operand.TryInt(frame, out var value, out var other);
        frame.Charge(CostFactors.CallCost);
        return isInt ? (Holds(value.CompareTo(number)) ? True : False)
            : other.IsError ? Fail(frame, other)
            : Judge(frame, other, CelValue.Of(number));
    }
}
