namespace Capstan.Cel.Costs;

/// <summary>Costs of the sets library: each element of one list with each of the other.</summary>
internal static class SetCosts
{
    public static CallEstimate? Estimate(CallToEstimate call) => call switch
    {
        { Overload: "list_sets_contains_list" or "list_sets_intersects_list", Arguments: [var left, var right] } =>
            Estimate(call.SizeOf(left), call.SizeOf(right), 1),
        { Overload: "list_sets_equivalent_list", Arguments: [var left, var right] } => Estimate(call.SizeOf(left), call.SizeOf(right), 2),
        _ => null,
    };

    private static CallEstimate Estimate(SizeInterval left, SizeInterval right, double factor) =>
        new((left * right).CostOf(factor) + CostInterval.Exactly(1));
}
