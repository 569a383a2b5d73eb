using Capstan.Cel.Costs;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Evaluation;

internal sealed partial class Lowering
{
    private ulong EmptyListCost => _scope.FreeConstants ? 0 : CostFactors.ListCreateBaseCost;

    private ulong EmptyMapCost => _scope.FreeConstants ? 0 : CostFactors.MapCreateBaseCost;

    // Folds are made by macros only, so each is of a shape that a loop of its own stands for.
    private EvalNode LowerFold(ComprehensionExpr fold)
    {
        if (fold.Variable == MacroExpansion.Unused && fold.Range is ListExpr { Elements.IsEmpty: true })
        {
            var bound = Declare(fold.Accumulator, Lower(fold.AccumulatorInit));
            var body = Lower(fold.Result);
            _locals.RemoveAt(_locals.Count - 1);
            return new BindNode(fold.Id, [bound], body, EmptyListCost);
        }

        var range = Lower(fold.Range);
        var mark = _locals.Count;
        var first = Declare(fold.Variable);
        var second = fold.SecondVariable is null ? LoopNode<int>.None : Declare(fold.SecondVariable);
        var result = LowerLoop(fold, range, first, second);
        _locals.RemoveRange(mark, _locals.Count - mark);
        return result;
    }

    private EvalNode LowerLoop(ComprehensionExpr fold, EvalNode range, int first, int second)
    {
        var (id, init, step) = (fold.Id, fold.AccumulatorInit, fold.Step);
        if (step is CallExpr { Function: Operators.And or Operators.Or } logic && init is LiteralExpr { Kind: LiteralKind.Bool } start)
        {
            return new QuantifierNode(id, range, first, second, Lower(logic.Arguments[1]), deciding: !start.BoolValue);
        }

        if (init is LiteralExpr { Kind: LiteralKind.Int } && step is CallExpr { Function: Operators.Conditional } count)
        {
            return new ExistsOneNode(id, range, first, second, Lower(count.Arguments[0]));
        }

        EvalNode? filter = null;
        if (step is CallExpr { Function: Operators.Conditional } where)
        {
            filter = Lower(where.Arguments[0]);
            step = where.Arguments[1];
        }

        return step switch
        {
            CallExpr { Function: Operators.Add, Arguments: [_, ListExpr { Elements: [var item] }] } =>
                LowerTransform(id, range, first, second, filter, Lower(item)),
            CallExpr { Function: TwoVariableMacros.MapInsert, Arguments: [_, var key, var value] } =>
                new TransformMapNode(id, range, first, second, filter, Lower(key), Lower(value), EmptyMapCost),
            CallExpr { Function: TwoVariableMacros.MapInsert, Arguments: [_, var entries] } =>
                new TransformMapNode(id, range, first, second, filter, null, Lower(entries), EmptyMapCost),
            _ => throw new InvalidOperationException($"no macro makes this fold (node {id})"),
        };
    }

    private TransformListNode LowerTransform(int id, EvalNode range, int first, int second, EvalNode? filter, EvalNode item) => new(
        id, range, first, second, filter, item, _scope.FreeConstants && IsLiteral(item) ? 0 : CostFactors.ListCreateBaseCost, EmptyListCost);
}
