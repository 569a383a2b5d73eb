using Capstan.Cel.Costs;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Evaluation;

internal sealed partial class Lowering
{
    private EvalNode? LowerOperator(CallExpr call, bool isValue)
    {
        var a = call.Arguments;
        switch (call.Function)
        {
            case Operators.And: return new AndNode(call.Id, Lower(a[0]), Lower(a[1]));
            case Operators.Or: return new OrNode(call.Id, Lower(a[0]), Lower(a[1]));
            case Operators.Not: return new NotNode(call.Id, Lower(a[0]));
            case Operators.Conditional:
                return new ConditionalNode(call.Id, Lower(a[0]), Lower(a[1], isValue: false), Lower(a[2], isValue: false));
            case Operators.Equals: return LowerEquals(call.Id, Lower(a[0]), Lower(a[1]), false);
            case Operators.NotEquals: return LowerEquals(call.Id, Lower(a[0]), Lower(a[1]), true);
            case Operators.Less: return LowerRelation(call, Relation.Less);
            case Operators.LessEquals: return LowerRelation(call, Relation.LessEquals);
            case Operators.Greater: return LowerRelation(call, Relation.Greater);
            case Operators.GreaterEquals: return LowerRelation(call, Relation.GreaterEquals);
            case Operators.In: return LowerIn(call);
            case Operators.Index: return LowerIndex(call, false, isValue);
            case Operators.OptionalIndex: return LowerIndex(call, true, isValue);
            case BlockMacros.Block when a[0] is ListExpr values: return LowerBlock(call, values, a[1]);
            default: return null;
        }
    }

    private static BoolNode LowerEquals(int id, EvalNode left, EvalNode right, bool negated) => (left, right) switch
    {
        (_, ConstantNode { Value: { Kind: CelKind.String } text, Cost: 0 }) => new EqualTextNode(id, left, text.String, negated),
        (ConstantNode { Value: { Kind: CelKind.String } text, Cost: 0 }, _) => new EqualTextNode(id, right, text.String, negated),
        (_, ConstantNode { Value: { Kind: CelKind.Int } number, Cost: 0 }) => new EqualIntNode(id, left, number.Int, negated),
        _ => new EqualNode(id, left, right, negated),
    };

    private EvalNode LowerRelation(CallExpr call, Relation relation)
    {
        var left = Lower(call.Arguments[0]);
        var right = Lower(call.Arguments[1]);
        return right is ConstantNode { Value: { Kind: CelKind.Int } number, Cost: 0 }
            ? new RelationToIntNode(call.Id, left, number.Int, relation)
            : new RelationNode(call.Id, left, right, relation, _scope.CallCosts.Find(call.Function, OverloadOf(call)) != CallCost.One);
    }

    private EvalNode LowerIn(CallExpr call)
    {
        var item = Lower(call.Arguments[0]);
        var container = Lower(call.Arguments[1]);
        var isOfList = OverloadOf(call) == "in_list";
        return !isOfList || !_scope.FreeConstants || container is not ConstantNode { IsLiteral: true, Value: { Kind: CelKind.List } list }
            ? new InNode(call.Id, item, container, isOfList)
            : list.List.Count == 0 ? new ConstantNode(call.Id, CelValue.False)
            : InConstantNode.Fits(list.List) ? new InConstantNode(call.Id, item, list.List)
            : new InNode(call.Id, item, container, isOfList);
    }

    private BindNode LowerBlock(CallExpr call, ListExpr values, CelExpr body)
    {
        var mark = _locals.Count;
        var slots = new int[values.Elements.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = Declare($"@index{i}", Lower(values.Elements[i]));
        }

        var result = new BindNode(call.Id, slots, Lower(body), 0);
        _locals.RemoveRange(mark, _locals.Count - mark);
        return result;
    }
}
