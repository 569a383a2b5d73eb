namespace Capstan.Cel.Syntax;

/// <summary>Finds a node again by its id, for messages.</summary>
internal static class NodeSearch
{
    public static CelExpr? Find(CelExpr root, int id)
    {
        var open = new Stack<CelExpr>();
        open.Push(root);
        while (open.TryPop(out var node))
        {
            if (node.Id == id)
            {
                return node;
            }

            foreach (var child in Children(node))
            {
                open.Push(child);
            }
        }

        return null;
    }

    private static IEnumerable<CelExpr> Children(CelExpr node) => node switch
    {
        SelectExpr select => [select.Operand],
        CallExpr { Target: { } target } call => [target, .. call.Arguments],
        CallExpr call => call.Arguments,
        ListExpr list => list.Elements,
        MapExpr map => map.Entries.SelectMany(entry => (CelExpr[])[entry.Key, entry.Value]),
        StructExpr message => message.Fields.Select(field => field.Value),
        ComprehensionExpr fold => [fold.Range, fold.AccumulatorInit, fold.Condition, fold.Step, fold.Result],
        _ => [],
    };
}
