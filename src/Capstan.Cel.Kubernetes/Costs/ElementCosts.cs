using Capstan.Cel.Costs;

namespace Capstan.Cel.Kubernetes.Costs;

/// <summary>Costs of calls that go over the elements of a list.</summary>
internal static class ElementCosts
{
    /// <summary>Each element once; of a string, each character.</summary>
    public static CallEstimate? Traverse(CallToEstimate call)
    {
        if (call.Target is not { } target)
        {
            return null;
        }

        var size = call.SizeOf(target);
        if (target.Elements() is not { } elements)
        {
            return new CallEstimate(size.CostOf(CostFactors.StringTraversalCostFactor));
        }

        var each = CostInterval.Exactly(1);
        if (elements.Type.Kind is CelTypeKind.String or CelTypeKind.Bytes)
        {
            each += call.SizeOf(elements).CostOf(CostFactors.StringTraversalCostFactor);
        }

        return new CallEstimate(size * each);
    }

    /// <summary>The length of what comes out.</summary>
    public static CallEstimate? Join(CallToEstimate call)
    {
        if (call.Target is not { } list)
        {
            return null;
        }

        var count = call.SizeOf(list);
        var size = list.Elements() is { } elements ? count * call.SizeOf(elements) : default;
        if (call.Arguments is [var separator, ..])
        {
            size += call.SizeOf(separator) * new SizeInterval(count.Min - Math.Min(1, count.Min), count.Max - Math.Min(1, count.Max));
        }

        return new CallEstimate(size.CostOf(CostFactors.StringTraversalCostFactor), size);
    }
}
