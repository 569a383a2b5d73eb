namespace Capstan.Cel.Costs;

/// <summary>Costs of the lists library at its third version: a call, a new list, and work by the number of elements.</summary>
internal static class ListCosts
{
    public static CallEstimate? Estimate(CallToEstimate call) => call switch
    {
        { Overload: "list_slice", Target: { } list, Arguments: [var start, var end] } => Slice(call.SizeOf(list), start, end),
        { Overload: "list_flatten", Target: { } list } => Allocate(1, call.SizeOf(list)),
        { Overload: "list_flatten_int", Target: { } list, Arguments: [var depth] } =>
            Allocate(Literal(depth, ulong.MaxValue), call.SizeOf(list)),
        { Overload: "lists_range", Arguments: [var count] } => Allocate(1, SizeInterval.Exactly(Literal(count, ulong.MaxValue))),
        { Overload: "list_reverse", Target: { } list } => Allocate(1, call.SizeOf(list)),
        { Overload: "list_distinct", Target: { } list } => CompareAll(2, call.SizeOf(list)),
        { Function: "sort", Target: { } list } => CompareAll(OfComparison(call.Overload), call.SizeOf(list)),
        { Function: "@sortByAssociatedKeys", Arguments: [var keys] } => CompareAll(OfComparison(call.Overload), call.SizeOf(keys)),
        _ => null,
    };

    // An end before the start wraps around, as in cel-go: the call fails at run time.
    private static CallEstimate Slice(SizeInterval list, CostNode start, CostNode end) =>
        Allocate(1, SizeInterval.Exactly(unchecked(Literal(end, list.Max) - Literal(start, 0))));

    private static CallEstimate CompareAll(double factor, SizeInterval list) => Allocate(factor, list * list);

    private static double OfComparison(string overload) =>
        overload.StartsWith("list_string_", StringComparison.Ordinal) || overload.StartsWith("list_bytes_", StringComparison.Ordinal)
            ? 2 + CostFactors.StringTraversalCostFactor
            : 2;

    private static CallEstimate Allocate(double factor, SizeInterval size) =>
        new(size.CostOf(factor) + CostInterval.Exactly(1) + CostInterval.Exactly(CostFactors.ListCreateBaseCost), size);

    private static ulong Literal(CostNode node, ulong otherwise) => node.IntLiteral is { } value ? (ulong)Math.Max(0, value) : otherwise;
}
