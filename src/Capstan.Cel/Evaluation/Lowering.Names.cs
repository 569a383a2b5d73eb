using Capstan.Cel.Syntax;

namespace Capstan.Cel.Evaluation;

internal sealed partial class Lowering
{
    private EvalNode LowerName(IdentExpr ident, bool isValue)
    {
        var cost = isValue ? 1UL : 0;
        return Find(ident.Name) switch
        {
            { Value: { } value } bound => new LazySlotNode(ident.Id, bound.Slot, value, cost),
            { } local => new SlotNode(ident.Id, local.Slot, ident.Name, cost),
            null => Resolve(ident.Id, ident.Name, cost) ?? Unknown(ident.Id, ident.Name),
        };
    }

    private Local? Find(string name)
    {
        for (var i = _locals.Count - 1; i >= 0; i--)
        {
            if (_locals[i].Name == name)
            {
                return _locals[i];
            }
        }

        return null;
    }

    private int Declare(string name, EvalNode? value = null)
    {
        _locals.Add(new(name, _slots, value));
        return _slots++;
    }

    private EvalNode? Resolve(int id, string name, ulong cost)
    {
        foreach (var candidate in _scope.Candidates(name))
        {
            if (_scope.Find(candidate) is >= 0 and var variable)
            {
                return new SlotNode(id, SlotOf(variable), candidate, cost);
            }

            if (_scope.Functions.IsType(candidate))
            {
                return new ConstantNode(id, CelValue.TypeOf(candidate));
            }
        }

        return null;
    }

    // Most expressions read one or two of many variables: only those are taken.
    private int SlotOf(int variable)
    {
        foreach (var input in _inputs)
        {
            if (input.Variable == variable)
            {
                return input.Slot;
            }
        }

        _inputs.Add((_slots, variable));
        return _slots++;
    }

    private EvalNode LowerSelect(SelectExpr select, bool isValue)
    {
        // a.b.c may be a variable of that name, or the field c of a.b: the longest name wins, but a loop variable a beats all.
        if (!select.IsTestOnly && !select.IsOptional && DottedName(select) is { } name && Resolve(select.Id, name, isValue ? 1UL : 0) is { } variable)
        {
            return variable;
        }

        var operand = LowerStart(select.Operand);
        var lenient = !_scope.Functions.IsSpecification;
        if (select.IsTestOnly)
        {
            var test = new PresenceNode(select.Id, operand, select.Field, lenient);
            return isValue && StartsWithConditional(select.Operand) ? new RefundNode(select.Id, test) : test;
        }

        var surcharge = Surcharge(select.Operand, isValue);
        var field = new SelectNode(select.Id, operand, select.Field, select.IsOptional, lenient, surcharge);
        return operand switch
        {
            _ when select.IsOptional => field,
            SlotNode root => new PathNode(select.Id, root.Slot, [new PathNode.Step(select.Id, select.Field)], field, surcharge),
            PathNode path => path.Then(select.Id, select.Field, field, surcharge),
            _ => field,
        };
    }

    private IndexNode LowerIndex(CallExpr call, bool isOptional, bool isValue) => new(
        call.Id, LowerStart(call.Arguments[0]), Lower(call.Arguments[1], isValue: false), isOptional, !_scope.Functions.IsSpecification,
        Surcharge(call.Arguments[0], isValue));

    /// <summary>What stands before a field or an index.</summary>
    private EvalNode LowerStart(CelExpr node) => Lower(node, isValue: false);

    private static ulong Surcharge(CelExpr operand, bool isValue) => isValue && !StartsWithConditional(operand) ? 1UL : 0;

    private static bool StartsWithConditional(CelExpr node)
    {
        while (true)
        {
            switch (node)
            {
                case SelectExpr { IsTestOnly: false } select:
                    node = select.Operand;
                    break;
                case CallExpr { Function: Operators.Index or Operators.OptionalIndex } index:
                    node = index.Arguments[0];
                    break;
                default:
                    return node is CallExpr { Function: Operators.Conditional };
            }
        }
    }

    /// <summary>The dotted name that a chain of fields spells; null when it is no name or starts with a loop variable.</summary>
    private string? DottedName(CelExpr node) => node switch
    {
        IdentExpr ident => Find(ident.Name) is null ? ident.Name : null,
        SelectExpr { IsTestOnly: false, IsOptional: false } select => DottedName(select.Operand) is { } name ? $"{name}.{select.Field}" : null,
        _ => null,
    };
}
