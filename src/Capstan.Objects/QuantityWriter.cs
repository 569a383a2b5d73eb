using System.Globalization;
using System.Numerics;

namespace Capstan;

/// <summary>The canonical text of a quantity.</summary>
internal static class QuantityWriter
{
    public static string Write(BigInteger mantissa, int scale, QuantityFormat format)
    {
        if (mantissa.IsZero)
        {
            return "0";
        }

        // Small and fractional amounts are clearer, and exact, in decimal.
        if (format == QuantityFormat.BinarySI && WholeNumber(mantissa, scale) is { } whole && BigInteger.Abs(whole) >= 1024)
        {
            var power = (int)(BigInteger.TrailingZeroCount(whole) / 10);
            return (whole >> (10 * power)).ToString(CultureInfo.InvariantCulture) + QuantitySuffix.Of1024(power);
        }

        var (digits, tens) = QuantityRounding.WithoutTens(mantissa);
        var exponent = unchecked(scale + tens);
        var excess = (exponent % 3 + 3) % 3;
        digits *= excess switch { 0 => 1, 1 => 10, _ => 100 };
        var family = format == QuantityFormat.BinarySI ? QuantityFormat.DecimalSI : format;
        return digits.ToString(CultureInfo.InvariantCulture) + QuantitySuffix.OfTen(unchecked(exponent - excess), family);
    }

    private static BigInteger? WholeNumber(BigInteger mantissa, int scale)
    {
        if (scale >= 0)
        {
            return scale <= Quantity.MaxShift ? mantissa * BigInteger.Pow(10, scale) : null;
        }

        var (digits, tens) = QuantityRounding.WithoutTens(mantissa);
        return tens >= -(long)scale ? digits * BigInteger.Pow(10, tens + scale) : null;
    }
}
