using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

/// <summary>The ids of all nodes and entries of a tree.</summary>
internal static class Ids
{
    public static List<int> Of(CelExpr node)
    {
        var ids = new List<int>();
        Add(ids, node);
        return ids;
    }

    private static void Add(List<int> ids, CelExpr node)
    {
        ids.Add(node.Id);
        foreach (var child in Children(node))
        {
            Add(ids, child);
        }

        ids.AddRange(node switch
        {
            MapExpr map => map.Entries.Select(e => e.Id),
            StructExpr message => message.Fields.Select(f => f.Id),
            _ => [],
        });
    }

    private static IEnumerable<CelExpr> Children(CelExpr node) => node switch
    {
        SelectExpr select => [select.Operand],
        CallExpr { Target: { } target } call => [target, .. call.Arguments],
        CallExpr call => call.Arguments,
        ListExpr list => list.Elements,
        MapExpr map => map.Entries.SelectMany(e => new[] { e.Key, e.Value }),
        StructExpr message => message.Fields.Select(f => f.Value),
        ComprehensionExpr fold => [fold.Range, fold.AccumulatorInit, fold.Condition, fold.Step, fold.Result],
        _ => [],
    };
}
