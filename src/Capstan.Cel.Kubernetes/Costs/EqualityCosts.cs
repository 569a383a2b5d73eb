using Capstan.Cel.Costs;

namespace Capstan.Cel.Kubernetes.Costs;

/// <summary>Costs of comparing values of Kubernetes' types. Only <c>==</c> has them: <c>!=</c> counts as if nothing were known of the type.</summary>
internal static class EqualityCosts
{
    // Longest name of a format.
    private const ulong FormatSize = 64;

    public static CallEstimate? Estimate(CallToEstimate call)
    {
        if (call.Arguments is not [var left, var right] || left.Type.Kind != right.Type.Kind || left.Type.Name != right.Type.Name)
        {
            return null;
        }

        switch (left.Type.Name)
        {
            case "net.IP" or "net.CIDR" or "kubernetes.Quantity" or "kubernetes.Semver":
                return CallEstimate.Exactly(1);
            case "kubernetes.NamedFormat":
                return new CallEstimate(new CostInterval(1, FormatSize).Scale(CostFactors.StringTraversalCostFactor));
            case "kubernetes.URL":
                // The left one's size does not count, in Kubernetes neither.
                return new CallEstimate(new CostInterval(1, right.Size?.Max ?? 1).Scale(CostFactors.StringTraversalCostFactor));
            default:
                return left.Type.Name.StartsWith("kubernetes.authorization.", StringComparison.Ordinal) ? CallEstimate.Exactly(1) : null;
        }
    }
}
