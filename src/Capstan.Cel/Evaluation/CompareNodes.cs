using System.Text;
using Capstan.Cel.Values;

namespace Capstan.Cel.Evaluation;

internal sealed class EqualNode(int id, EvalNode left, EvalNode right, bool negated) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        left.Evaluate(frame, out var a);
        if (a.IsError)
        {
            return Fail(frame, a);
        }

        right.Evaluate(frame, out var b);
        if (b.IsError)
        {
            return Fail(frame, b);
        }

        return CelEquality.Equal(a, b) != negated ? True : False;
    }
}

/// <summary>A value compared to a string that is known: a string of a document is compared where it lies.</summary>
internal sealed class EqualTextNode(int id, EvalNode operand, string text, bool negated) : BoolNode(id)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(text);

    public override int EvalBool(Frame frame)
    {
        operand.Evaluate(frame, out var value);
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
internal sealed class RelationNode(int id, EvalNode left, EvalNode right, Relation relation) : OrderNode(id, relation)
{
    public override int EvalBool(Frame frame)
    {
        left.Evaluate(frame, out var a);
        if (a.IsError)
        {
            return Fail(frame, a);
        }

        right.Evaluate(frame, out var b);
        if (b.IsError)
        {
            return Fail(frame, b);
        }

        return Judge(frame, a, b);
    }
}

/// <summary>A value against an int that is known.</summary>
internal sealed class RelationToIntNode(int id, EvalNode operand, long number, Relation relation) : OrderNode(id, relation)
{
    public override int EvalBool(Frame frame)
    {
        operand.Evaluate(frame, out var value);
        if (value.Kind == CelKind.Int)
        {
            return Holds(value.Int.CompareTo(number)) ? True : False;
        }

        if (value.IsError)
        {
            return Fail(frame, value);
        }

        return Judge(frame, value, CelValue.Of(number));
    }
}

/// <summary><c>in</c>: an element of a list or a key of a map.</summary>
internal sealed class InNode(int id, EvalNode item, EvalNode container) : BoolNode(id)
{
    public override int EvalBool(Frame frame)
    {
        item.Evaluate(frame, out var value);
        if (value.IsError)
        {
            return Fail(frame, value);
        }

        container.Evaluate(frame, out var all);
        switch (all.Kind)
        {
            case CelKind.Error:
                return Fail(frame, all);
            case CelKind.List when all.IsJson:
                foreach (var element in all.Json.EnumerateArray())
                {
                    if (CelEquality.Equal(CelValue.Of(element), value))
                    {
                        return True;
                    }
                }

                return False;
            case CelKind.List:
                return CelEquality.Contains(all.List, value) ? True : False;
            case CelKind.Map:
                return Access.TryGet(all, value, out _) ? True : False;
            default:
                return Fail(frame, CelValue.Error(EvalErrorKind.NoSuchOverload, Id, "_in_"));
        }
    }
}
