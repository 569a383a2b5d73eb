using System.Collections.Immutable;

namespace Capstan.Cel.Syntax;

/// <summary>How deep comprehensions stand within the bodies of others: each level multiplies the work.</summary>
internal static class LoopNesting
{
    /// <summary>The first comprehension that stands in as many as <paramref name="limit"/> others; null when none does.</summary>
    public static ComprehensionExpr? FirstBeyond(CelExpr root, int limit) => Find(root, limit);

    private static ComprehensionExpr? Find(CelExpr? node, int left)
    {
        switch (node)
        {
            case SelectExpr select: return Find(select.Operand, left);
            case CallExpr call: return Find(call.Target, left) ?? First(call.Arguments, left, a => a);
            case ListExpr list: return First(list.Elements, left, e => e);
            case MapExpr map: return First(map.Entries, left, e => e.Key) ?? First(map.Entries, left, e => e.Value);
            case StructExpr message: return First(message.Fields, left, f => f.Value);
            case ComprehensionExpr fold: return InFold(fold, left);
            default: return null;
        }
    }

    // A range is gone over once, and a fold over nothing only binds a name.
    private static ComprehensionExpr? InFold(ComprehensionExpr fold, int left)
    {
        var isLoop = fold.Range is not ListExpr { Elements.IsEmpty: true };
        if (isLoop && left == 0)
        {
            return fold;
        }

        var within = isLoop ? left - 1 : left;
        return Find(fold.Range, left) ?? Find(fold.AccumulatorInit, left) ?? Find(fold.Condition, within) ?? Find(fold.Step, within)
            ?? Find(fold.Result, left);
    }

    private static ComprehensionExpr? First<T>(ImmutableArray<T> items, int left, Func<T, CelExpr> part)
    {
        foreach (var item in items)
        {
            if (Find(part(item), left) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
