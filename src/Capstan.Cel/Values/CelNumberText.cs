using System.Globalization;
using System.Text;

namespace Capstan.Cel.Values;

/// <summary>Numbers as text: what <c>string(double)</c> and the format verbs print, and what <c>int()</c>, <c>uint()</c>, <c>double()</c> and <c>bool()</c> read.</summary>
internal static class CelNumberText
{
    /// <summary>
    /// <c>string(double)</c>: the fewest digits that read back, with an exponent of two digits or more below 10^-4 and from 10^6 on:
    /// <c>999999.5</c>, <c>1e+06</c>, <c>NaN</c>, <c>+Inf</c>. The same in both dialects: the specification leaves it open.
    /// </summary>
    public static string General(double value)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        var digits = DecimalDigits.Shortest(value, stackalloc char[DecimalDigits.BufferSize]);
        var exponent = digits.Point - 1;
        if (digits.Length > 0 && (exponent < -4 || exponent >= 6)) return WithExponent(digits, digits.Length - 1, double.IsNegative(value));
        return Plain(digits, Math.Max(digits.Length - digits.Point, 0), double.IsNegative(value), grouped: false);
    }

    /// <summary>The fewest digits that read back, never an exponent: 1e21 has 22 digits.</summary>
    public static string Plain(double value)
    {
        var digits = DecimalDigits.Shortest(value, stackalloc char[DecimalDigits.BufferSize]);
        return Plain(digits, Math.Max(digits.Length - digits.Point, 0), double.IsNegative(value), grouped: false);
    }

    /// <summary>Exactly rounded to <paramref name="precision"/> decimals, halves to even; <paramref name="grouped"/>: a comma before each three digits.</summary>
    public static string Fixed(double value, int precision, bool grouped)
    {
        var digits = DecimalDigits.Exact(value, stackalloc char[DecimalDigits.BufferSize]);
        digits.Round(digits.Point + precision);
        return Plain(digits, precision, double.IsNegative(value), grouped);
    }

    /// <summary>Exactly rounded, one digit before the point and <paramref name="precision"/> behind: <c>3.14e+00</c>.</summary>
    public static string Scientific(double value, int precision)
    {
        var digits = DecimalDigits.Exact(value, stackalloc char[DecimalDigits.BufferSize]);
        digits.Round(precision + 1);
        return WithExponent(digits, precision, double.IsNegative(value));
    }

    /// <summary>A sign and decimal digits, nothing else; false too where int64 does not hold them.</summary>
    public static bool TryReadInt(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        var negative = text is ['-', ..];
        if (text is ['-' or '+', ..]) text = text[1..];
        if (!TryReadUint(text, out var magnitude) || magnitude > (ulong)long.MaxValue + (negative ? 1UL : 0)) return false;
        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return true;
    }

    /// <summary>Decimal digits, no sign; false too where uint64 does not hold them.</summary>
    public static bool TryReadUint(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        if (text.IsEmpty) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            if (!CelNumbers.TryMultiply(value, 10, out value) || !CelNumbers.TryAdd(value, (ulong)(c - '0'), out value)) return false;
        }

        return true;
    }

    /// <summary><c>1 t T TRUE true True</c> or <c>0 f F FALSE false False</c>.</summary>
    public static bool TryReadBool(ReadOnlySpan<char> text, out bool value)
    {
        value = text is "1" or "t" or "T" or "TRUE" or "true" or "True";
        return value || text is "0" or "f" or "F" or "FALSE" or "false" or "False";
    }

    private static string Plain(in DecimalDigits digits, int decimals, bool negative, bool grouped)
    {
        var text = new StringBuilder();
        if (negative) text.Append('-');
        if (digits.Point <= 0) text.Append('0');
        for (var i = 0; i < digits.Point; i++)
        {
            if (grouped && i > 0 && (digits.Point - i) % 3 == 0) text.Append(',');
            text.Append(digits.At(i));
        }

        if (decimals > 0) text.Append('.');
        for (var i = 0; i < decimals; i++) text.Append(digits.At(digits.Point + i));
        return text.ToString();
    }

    private static string WithExponent(in DecimalDigits digits, int decimals, bool negative)
    {
        var text = new StringBuilder();
        if (negative) text.Append('-');
        text.Append(digits.At(0));
        if (decimals > 0) text.Append('.');
        for (var i = 1; i <= decimals; i++) text.Append(digits.At(i));
        var exponent = digits.Length == 0 ? 0 : digits.Point - 1;
        text.Append('e').Append(exponent < 0 ? '-' : '+');
        return text.Append(CultureInfo.InvariantCulture, $"{Math.Abs(exponent):D2}").ToString();
    }
}
