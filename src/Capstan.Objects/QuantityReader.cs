using System.Globalization;
using System.Numerics;

namespace Capstan;

/// <summary>Reads quantities: which texts are one, and when Kubernetes holds one as a small number or as it was written.</summary>
internal static class QuantityReader
{
    public const string WrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    public const string WrongNumber = "unable to parse numeric part of quantity";
    public const string WrongSuffix = "unable to parse quantity's suffix";

    private const int Nano = -9;
    private const int SmallDigits = 18;

    public static (Quantity Quantity, string? Error) Read(string text)
    {
        if (text.Length == 0)
        {
            return (default, WrongFormat);
        }

        var position = text[0] is '+' or '-' ? 1 : 0;
        var start = position;
        position = After(text, position, c => c == '0');
        var whole = position;
        position = After(text, position, char.IsAsciiDigit);
        var integer = text[whole..position];
        var fraction = "";
        var digitsEnd = position;
        if (position < text.Length && text[position] == '.')
        {
            position = After(text, position + 1, char.IsAsciiDigit);
            fraction = text[(digitsEnd + 1)..position];
        }

        var suffixStart = position;
        position = After(text, position, c => "eEinumkKMGTP".Contains(c, StringComparison.Ordinal));
        position += position < text.Length && text[position] is '+' or '-' ? 1 : 0;
        if (After(text, position, char.IsAsciiDigit) < text.Length)
        {
            return (default, WrongFormat);
        }

        if (QuantitySuffix.Read(text[suffixStart..]) is not var (exponent, format))
        {
            return (default, WrongSuffix);
        }

        var number = new Number(text, text[0] == '-', integer.Length == 0 ? "0" : integer, fraction, exponent, format);
        if (Small(number) is { } small)
        {
            return (small, null);
        }

        return digitsEnd == start && fraction.Length == 0 ? (default, WrongNumber) : (Wide(number), null);
    }

    private static int After(string text, int position, Func<char, bool> accepts)
    {
        while (position < text.Length && accepts(text[position]))
        {
            position++;
        }

        return position;
    }

    /// <summary>The amount in 64 bits, if it is short enough by Kubernetes' estimate.</summary>
    private static Quantity? Small(Number number)
    {
        var (integer, fraction, exponent) = (number.Integer, number.Fraction, number.Exponent);
        var binary = number.Format == QuantityFormat.BinarySI;
        var spare = !binary ? SmallDigits - integer.Length - fraction.Length
            : fraction.Length == 0 ? 15 - integer.Length - exponent * 3 / 10 - 1
            : -1;
        var scale = unchecked((binary ? 0 : exponent) - fraction.Length);
        if (spare < 0 || scale < Nano)
        {
            return null;
        }

        var digits = integer + fraction;
        var value = long.Parse(digits, CultureInfo.InvariantCulture);
        var amount = binary ? (Int128)value << exponent : value;
        if (amount > long.MaxValue)
        {
            return null;
        }

        var canonical = binary ? (value & 7) != 0 : scale % 3 == 0 && digits[0] != '0' && !digits.EndsWith("000", StringComparison.Ordinal);
        return new Quantity((long)(number.Negative ? -amount : amount), scale, number.Format, wide: false, canonical ? number.Text : null);
    }

    private static Quantity Wide(Number number)
    {
        var mantissa = BigInteger.Parse(number.Integer + number.Fraction, CultureInfo.InvariantCulture);
        var scale = -number.Fraction.Length;
        var format = number.Format;
        if (format == QuantityFormat.BinarySI)
        {
            mantissa <<= number.Exponent;
        }
        else
        {
            scale = unchecked(scale + number.Exponent);
        }

        (mantissa, scale) = ToNano(mantissa, scale);
        if (format == QuantityFormat.BinarySI && !mantissa.IsZero)
        {
            var one = BigInteger.Pow(10, -scale);
            if (mantissa > long.MaxValue * one)
            {
                (mantissa, scale) = (long.MaxValue, 0);
            }
            else if (mantissa < one)
            {
                format = QuantityFormat.DecimalSI;
            }
        }

        return new Quantity(number.Negative ? -mantissa : mantissa, scale, format, wide: true);
    }

    /// <summary>Nine decimal places; what lies below rounds up: who asks for a little shall not get nothing.</summary>
    private static (BigInteger Mantissa, int Scale) ToNano(BigInteger mantissa, int scale)
    {
        if (mantissa.IsZero || scale > Quantity.MaxShift)
        {
            return (mantissa, scale);
        }

        if (scale >= Nano)
        {
            return (mantissa * BigInteger.Pow(10, scale - Nano), Nano);
        }

        var dropped = Nano - (long)scale;
        if (dropped > mantissa.GetBitLength())
        {
            return (1, Nano);
        }

        var quotient = BigInteger.DivRem(mantissa, BigInteger.Pow(10, (int)dropped), out var rest);
        return (rest.IsZero ? quotient : quotient + 1, Nano);
    }

    private readonly record struct Number(string Text, bool Negative, string Integer, string Fraction, int Exponent, QuantityFormat Format);
}
