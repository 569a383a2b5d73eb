namespace Capstan.Cel.Costs;

/// <summary>Arithmetic that stops at the greatest number, which stands for "without bound".</summary>
internal static class Saturating
{
    public static ulong Add(ulong left, ulong right) => left > ulong.MaxValue - right ? ulong.MaxValue : left + right;

    public static ulong Multiply(ulong left, ulong right) =>
        right != 0 && left > ulong.MaxValue / right ? ulong.MaxValue : left * right;

    /// <summary>The product, rounded up.</summary>
    public static ulong Scale(ulong value, double factor)
    {
        // The factor divides the constant before the comparison: at the very end of the range the rounding of doubles shows.
        double real = value;
        if (real > 0 && factor > 0 && real > ulong.MaxValue / factor)
        {
            return ulong.MaxValue;
        }

        var product = Math.Ceiling(real * factor);
        return product >= 18446744073709551616.0 ? ulong.MaxValue : (ulong)product;
    }
}
