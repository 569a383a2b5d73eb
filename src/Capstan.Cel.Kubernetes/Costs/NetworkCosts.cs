using Capstan.Cel.Costs;

namespace Capstan.Cel.Kubernetes.Costs;

/// <summary>Costs of the ip and cidr libraries.</summary>
internal static class NetworkCosts
{
    // Octets of an address, version 4 or 6.
    private static readonly SizeInterval Address = new(4, 16);

    /// <summary>The text once, twice where it is written again to compare. The address of a network is there already.</summary>
    public static CallEstimate? Parse(CallToEstimate call) =>
        call.Overload == "cidr_ip" ? CallEstimate.Exactly(1) : TextCosts.Parse(call, call.Function == "ip.isCanonical" ? 2 : 1);

    public static CallEstimate? ContainsIP(CallToEstimate call) =>
        call.Arguments is [var other, ..] ? new(Compare(call, other, call.Overload == "cidr_contains_ip_string")) : null;

    /// <summary>As an address, but the network is masked first, and the lengths of the prefixes are compared.</summary>
    public static CallEstimate? ContainsCidr(CallToEstimate call) =>
        call.Arguments is [var other, ..]
            ? new(Compare(call, other, call.Overload == "cidr_contains_cidr_string")
                + Address.CostOf(CostFactors.StringTraversalCostFactor) + CostInterval.Exactly(1))
            : null;

    private static CostInterval Compare(CallToEstimate call, CostNode other, bool isText)
    {
        var cost = (Address + Address).CostOf(CostFactors.StringTraversalCostFactor);
        return isText ? cost + call.SizeOf(other).CostOf(CostFactors.StringTraversalCostFactor) : cost;
    }
}
