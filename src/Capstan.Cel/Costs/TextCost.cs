namespace Capstan.Cel.Costs;

/// <summary>What it costs to go over texts whose sizes are known, in code points or bytes. Rounded up as cel-go does.</summary>
internal static class TextCost
{
    /// <summary>Going over it once.</summary>
    public static ulong Once(ulong size) => (ulong)Math.Ceiling(size * CostFactors.StringTraversalCostFactor);

    /// <summary>Going over it twice, for instance to read it and to write another.</summary>
    public static ulong Twice(ulong size) => (ulong)Math.Ceiling((double)size * 2 * CostFactors.StringTraversalCostFactor);

    /// <summary>Trying a pattern on it. Empty it counts as one code point, since the pattern may still be costly.</summary>
    public static ulong Match(ulong size, ulong pattern) =>
        (ulong)Math.Ceiling((1.0 + size) * CostFactors.StringTraversalCostFactor) * (ulong)Math.Ceiling(pattern * CostFactors.RegexStringLengthCostFactor);

    /// <summary>Looking for another in it.</summary>
    public static ulong Search(ulong size, ulong part) => Once(size) * Once(part);
}
