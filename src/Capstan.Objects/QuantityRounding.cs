using System.Numerics;

namespace Capstan;

/// <summary>Powers of ten and roundings of long numbers, as Go does them.</summary>
internal static class QuantityRounding
{
    private static readonly double[] Small = [.. Enumerable.Range(0, 32).Select(Power)];
    private static readonly double[] Large = [.. Enumerable.Range(0, 10).Select(i => Power(32 * i))];
    private static readonly double[] Tiny = [.. Enumerable.Range(0, 11).Select(i => Power(-32 * i))];

    /// <summary>Ten to the <paramref name="exponent"/>: the product of two exact table entries, which is not always the nearest number, but is Go's.</summary>
    public static double Pow10(int exponent) => exponent switch
    {
        >= 0 and <= 308 => Large[exponent / 32] * Small[exponent % 32],
        < 0 and >= -323 => Tiny[-exponent / 32] / Small[-exponent % 32],
        > 0 => double.PositiveInfinity,
        _ => 0,
    };

    /// <summary>The nearest number, ties to even: the runtime's conversion cuts instead.</summary>
    public static double ToDouble(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            return (double)(long)value;
        }

        var magnitude = BigInteger.Abs(value);
        var dropped = (int)Math.Min(magnitude.GetBitLength() - 64, int.MaxValue);
        if (dropped <= 0)
        {
            return value.Sign * (double)(ulong)magnitude;
        }

        // Any bit that is cut must keep the rest off an exact tie.
        var top = (ulong)(magnitude >> dropped);
        var rounded = BigInteger.TrailingZeroCount(magnitude) < dropped ? top | 1 : top;
        return value.Sign * Math.ScaleB((double)rounded, dropped);
    }

    /// <summary>The number without its factors of ten, and how many there were.</summary>
    public static (BigInteger Value, int Tens) WithoutTens(BigInteger value)
    {
        if (value.IsZero)
        {
            return (value, 0);
        }

        // No more tens than twos; halving steps keep long rows of zeros cheap.
        var tens = 0;
        for (var step = (int)BitOperations.RoundUpToPowerOf2((uint)BigInteger.TrailingZeroCount(value)); step > 0; step /= 2)
        {
            if (BigInteger.TrailingZeroCount(value) >= step)
            {
                var quotient = BigInteger.DivRem(value, BigInteger.Pow(10, step), out var rest);
                if (rest.IsZero)
                {
                    (value, tens) = (quotient, tens + step);
                }
            }
        }

        return (value, tens);
    }

    private static double Power(int exponent) => double.Parse($"1e{exponent}", System.Globalization.CultureInfo.InvariantCulture);
}
