namespace Capstan.Cel.Costs;

/// <summary>The functions of the libraries lists and sets, by overload.</summary>
internal static class ExtensionCallCosts
{
    private static readonly CallCost NewList = CallCost.OfResult(
        (in CelValue result) => OfNewList(1, ValueSize.Of(result)),
        a => OfNewList(1, a.Length == 1 && a[0].Kind == CelKind.Int ? (ulong)Math.Max(a[0].Int, 0) : 0));

    private static readonly CallCost Flatten = CallCost.OfArguments(
        a => OfNewList(a.Length == 2 ? Depth(a[1]) : 1, ValueSize.Of(a[0])));

    private static readonly CallCost Pairs = CallCost.OfArguments(a => OfPairs(a[0]));
    private static readonly CallCost PairsOfKeys = CallCost.OfArguments(a => OfPairs(a[1]));

    public static CallCost? Lists(string function, string overload) => overload switch
    {
        "list_slice" or "lists_range" or "list_reverse" => NewList,
        "list_flatten" or "list_flatten_int" => Flatten,
        "list_distinct" => Pairs,
        _ when function == "sort" && overload.Length > 0 => Pairs,
        _ when function == Syntax.ListMacros.SortByAssociatedKeys && overload.Length > 0 => PairsOfKeys,
        _ => null,
    };

    public static CallCost? Sets(string function, string overload) => overload switch
    {
        "list_sets_contains_list" or "list_sets_intersects_list" => CallCost.OfArguments(a => OfProduct(a, 1)),
        "list_sets_equivalent_list" => CallCost.OfArguments(a => OfProduct(a, 2)),
        _ => null,
    };

    private static ulong OfProduct(ReadOnlySpan<CelValue> lists, double factor) =>
        CostFactors.CallCost + (ulong)(ValueSize.Of(lists[0]) * ValueSize.Of(lists[1]) * factor);

    private static double Depth(in CelValue depth) => depth.Kind == CelKind.Int ? depth.Int : 1;

    // Each element is compared to each. cel-go ends at what is no list, an error for instance, before it charges.
    private static ulong OfPairs(in CelValue list)
    {
        if (list.Kind != CelKind.List)
        {
            return 0;
        }

        var size = ValueSize.Of(list);
        var isText = size > 0 && list.List[0].Kind is CelKind.String or CelKind.Bytes;
        return OfNewList(isText ? 2 + CostFactors.StringTraversalCostFactor : 2, size * size);
    }

    // A negative depth is an error of flatten, but what it costs there wraps around.
    private static ulong OfNewList(double factor, ulong size) =>
        unchecked((ulong)(long)Math.Clamp(size * factor, -1e18, 1e18)) + CostFactors.CallCost + CostFactors.ListCreateBaseCost;
}
