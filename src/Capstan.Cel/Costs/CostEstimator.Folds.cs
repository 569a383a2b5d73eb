using Capstan.Cel.Syntax;

namespace Capstan.Cel.Costs;

/// <summary>Comprehensions and their variables.</summary>
internal sealed partial class CostEstimator
{
    private CostInterval CostOfFold(ComprehensionExpr fold)
    {
        var cost = Cost(fold.Range) + Cost(fold.AccumulatorInit);
        Push(fold.Accumulator, Bound(fold.AccumulatorInit));
        PushVariables(fold);
        var each = Cost(fold.Condition) + Cost(fold.Step);
        Pop(fold.Variable);
        if (fold.SecondVariable is { } second)
        {
            Pop(second);
        }

        cost += Cost(fold.Result);
        Pop(fold.Accumulator);

        // Asked only now: what the loop did to shared paths shows in it, see FieldPath.
        var range = SizeOrUnknown(fold.Range);
        cost += range * each;
        switch (fold.AccumulatorInit)
        {
            case LiteralExpr:
                SetSize(fold, SizeOf(fold.AccumulatorInit));
                break;
            case ListExpr or MapExpr:
                SetSize(fold, range);
                SetEntrySize(fold, EntrySizeOf(fold.Step));
                break;
        }

        return cost;
    }

    /// <summary>Whether it only gives a value a name.</summary>
    private static bool IsBinding(ComprehensionExpr fold) =>
        fold.Range is ListExpr { Elements.IsEmpty: true } && fold.Condition is LiteralExpr { Kind: LiteralKind.Bool, BoolValue: false };

    private CostInterval CostOfBinding(ComprehensionExpr fold)
    {
        var cost = Cost(fold.Range) + Cost(fold.AccumulatorInit);
        Push(fold.Accumulator, Bound(fold.AccumulatorInit));
        cost += Cost(fold.Result);
        Pop(fold.Accumulator);
        CopySizes(fold, fold.Result);
        return cost;
    }

    private LocalVariable Bound(CelExpr value)
    {
        var path = PathOf(value);
        var entries = EntrySizeOf(value);
        return new LocalVariable(path, SizeOf(value), entries);
    }

    private void PushVariables(ComprehensionExpr fold)
    {
        var entries = EntrySizeOf(fold.Range);
        var path = PathOf(fold.Range);
        var isList = entries?.IsList ?? _expression.TypeOf(fold.Range).Kind == CelTypeKind.List;
        if (fold.SecondVariable is { } second)
        {
            Push(fold.Variable, new LocalVariable(path.Append(isList ? FieldPath.Indices : FieldPath.Keys), entries?.Key, null));
            Push(second, new LocalVariable(path.Append(isList ? FieldPath.Items : FieldPath.Values), entries?.Value, null));
        }
        else
        {
            Push(fold.Variable, isList
                ? new LocalVariable(path.Append(FieldPath.Items), entries?.Value, null)
                : new LocalVariable(path.Append(FieldPath.Keys), entries?.Key, null));
        }
    }

    private void Push(string name, LocalVariable variable)
    {
        if (!_locals.TryGetValue(name, out var variables))
        {
            _locals[name] = variables = new Stack<LocalVariable>();
        }

        variables.Push(variable);
    }

    private void Pop(string name) => _locals[name].Pop();

    private LocalVariable? FindLocal(string name) =>
        _locals.TryGetValue(name, out var variables) && variables.TryPeek(out var variable) ? variable : null;

    /// <summary>A variable of a comprehension: how its value is reached, and what is known of its size.</summary>
    private sealed record LocalVariable(FieldPath Path, SizeInterval? Size, EntrySize? EntrySize);
}
