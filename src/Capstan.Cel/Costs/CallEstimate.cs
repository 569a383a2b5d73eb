namespace Capstan.Cel.Costs;

/// <summary>What a call costs, that of its receiver and arguments apart, and how large its value is.</summary>
/// <param name="Cost">The cost.</param>
/// <param name="Size">Size of the value, null where it has none or nothing is known of it.</param>
internal sealed record CallEstimate(CostInterval Cost, SizeInterval? Size = null)
{
    /// <summary>An estimate of the same cost always.</summary>
    public static CallEstimate Exactly(ulong cost) => new(CostInterval.Exactly(cost));
}
