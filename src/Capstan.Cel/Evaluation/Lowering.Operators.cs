using Capstan.Cel.Syntax;

namespace Capstan.Cel.Evaluation;

internal sealed partial class Lowering
{
    private EvalNode? LowerOperator(CallExpr call)
    {
        var a = call.Arguments;
        switch (call.Function)
        {
            case Operators.And: return new AndNode(call.Id, Lower(a[0]), Lower(a[1]));
            case Operators.Or: return new OrNode(call.Id, Lower(a[0]), Lower(a[1]));
            case Operators.Not: return new NotNode(call.Id, Lower(a[0]));
            case Operators.Conditional: return new ConditionalNode(call.Id, Lower(a[0]), Lower(a[1]), Lower(a[2]));
            case Operators.Equals: return LowerEquals(call.Id, Lower(a[0]), Lower(a[1]), false);
            case Operators.NotEquals: return LowerEquals(call.Id, Lower(a[0]), Lower(a[1]), true);
            case Operators.Less: return LowerRelation(call, Relation.Less);
            case Operators.LessEquals: return LowerRelation(call, Relation.LessEquals);
            case Operators.Greater: return LowerRelation(call, Relation.Greater);
            case Operators.GreaterEquals: return LowerRelation(call, Relation.GreaterEquals);
            case Operators.In: return new InNode(call.Id, Lower(a[0]), Lower(a[1]));
            case Operators.Index: return new IndexNode(call.Id, Lower(a[0]), Lower(a[1]), false);
            case Operators.OptionalIndex: return new IndexNode(call.Id, Lower(a[0]), Lower(a[1]), true);
            case BlockMacros.Block when a[0] is ListExpr values: return LowerBlock(call, values, a[1]);
            default: return null;
        }
    }

    private static BoolNode LowerEquals(int id, EvalNode left, EvalNode right, bool negated) => (left, right) switch
    {
        (_, ConstantNode { Value: { Kind: CelKind.String } text }) => new EqualTextNode(id, left, text.String, negated),
        (ConstantNode { Value: { Kind: CelKind.String } text }, _) => new EqualTextNode(id, right, text.String, negated),
        _ => new EqualNode(id, left, right, negated),
    };

    private EvalNode LowerRelation(CallExpr call, Relation relation)
    {
        var left = Lower(call.Arguments[0]);
        var right = Lower(call.Arguments[1]);
        return right is ConstantNode { Value: { Kind: CelKind.Int } number }
            ? new RelationToIntNode(call.Id, left, number.Int, relation)
            : new RelationNode(call.Id, left, right, relation);
    }

    private BindNode LowerBlock(CallExpr call, ListExpr values, CelExpr body)
    {
        var mark = _locals.Count;
        var bindings = new (int, EvalNode)[values.Elements.Length];
        for (var i = 0; i < bindings.Length; i++)
        {
            var value = Lower(values.Elements[i]);
            bindings[i] = (Declare($"@index{i}"), value);
        }

        var result = new BindNode(call.Id, bindings, Lower(body));
        _locals.RemoveRange(mark, _locals.Count - mark);
        return result;
    }

    private int Declare(string name)
    {
        _locals.Add((name, _slots));
        return _slots++;
    }
}
