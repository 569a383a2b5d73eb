using System.Globalization;
using System.Numerics;

namespace Capstan.Cel.Values;

/// <summary>
/// <c>double(string)</c>: decimal and hexadecimal literals of Go's syntax (with underscores) and the names of NaN and infinity in any case.
/// .NET's own reader takes less and more (white space, groups), so the syntax is checked here and only decimals are handed to it.
/// </summary>
internal static class CelDoubleReader
{
    /// <summary>False: not of the syntax, or too large for a double.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        if (text.Contains('_'))
        {
            if (!SeparatesDigits(text)) return false;
            text = text.ToString().Replace("_", "", StringComparison.Ordinal);
        }

        var negative = text is ['-', ..];
        var unsigned = text is ['-' or '+', ..] ? text[1..] : text;
        if (unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase) || unsigned.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            value = negative ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            value = double.NaN;
            return true;
        }

        if (unsigned is ['0', 'x' or 'X', ..])
        {
            if (!TryReadHexadecimal(unsigned[2..], out value)) return false;
            if (negative) value = -value;
            return true;
        }

        return IsDecimal(unsigned)
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    // Each underscore is between digits; the prefix 0x counts as one, and after it the letters do.
    private static bool SeparatesDigits(ReadOnlySpan<char> text)
    {
        if (text is ['-' or '+', ..]) text = text[1..];
        var hexadecimal = text is ['0', 'x' or 'X', ..];
        if (hexadecimal) text = text[2..];
        var before = hexadecimal ? '0' : ' ';
        foreach (var c in text)
        {
            var now = char.IsAsciiDigit(c) || (hexadecimal && char.IsAsciiHexDigit(c)) ? '0' : c == '_' ? '_' : ' ';
            if ((now == '_' && before != '0') || (now == ' ' && before == '_')) return false;
            before = now;
        }

        return before != '_';
    }

    private static bool IsDecimal(ReadOnlySpan<char> text)
    {
        var whole = Digits(text);
        text = text[whole..];
        var fraction = 0;
        if (text is ['.', ..])
        {
            fraction = Digits(text[1..]);
            text = text[(1 + fraction)..];
        }

        return whole + fraction > 0 && (text.IsEmpty || (text[0] is 'e' or 'E' && IsExponent(text[1..])));
    }

    private static bool IsExponent(ReadOnlySpan<char> text)
    {
        if (text is ['-' or '+', ..]) text = text[1..];
        return !text.IsEmpty && Digits(text) == text.Length;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && char.IsAsciiDigit(text[count])) count++;
        return count;
    }

    // The binary exponent is obligatory. Sixty bits are kept; what falls off only says "not exactly".
    private static bool TryReadHexadecimal(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        ulong mantissa = 0;
        long exponent = 0;
        bool anyDigit = false, point = false, lost = false;
        var i = 0;
        for (; i < text.Length; i++)
        {
            if (text[i] == '.' && !point)
            {
                point = true;
                continue;
            }

            if (!char.IsAsciiHexDigit(text[i])) break;
            anyDigit = true;
            var digit = (ulong)Convert.ToInt32(text[i].ToString(), 16);
            if (mantissa >> 58 == 0)
            {
                mantissa = (mantissa << 4) | digit;
                if (point) exponent -= 4;
            }
            else
            {
                lost |= digit != 0;
                if (!point) exponent += 4;
            }
        }

        if (!anyDigit || i >= text.Length || text[i] is not ('p' or 'P') || !IsExponent(text[(i + 1)..])) return false;
        exponent += SaturatingExponent(text[(i + 1)..]);
        if (mantissa == 0) return true;
        value = Scale(mantissa, lost, exponent);
        return double.IsFinite(value);
    }

    private static long SaturatingExponent(ReadOnlySpan<char> text)
    {
        var negative = text[0] == '-';
        if (text[0] is '-' or '+') text = text[1..];
        long value = 0;
        foreach (var c in text) value = Math.Min((value * 10) + c - '0', 1_000_000_000_000);
        return negative ? -value : value;
    }

    // Rounds once, at the bit that is the last of the result (higher for subnormals), halves to even.
    private static double Scale(ulong mantissa, bool lost, long exponent)
    {
        var top = 63 - BitOperations.LeadingZeroCount(mantissa) + exponent;
        if (top > 1023) return double.PositiveInfinity;
        if (top < -1080) return 0;
        var drop = (int)(Math.Max(top - 52, -1074) - exponent);
        if (drop > 0)
        {
            var half = drop > 63 ? UInt128.One << (drop - 1) : 1UL << (drop - 1);
            var rest = (UInt128)mantissa & ((half << 1) - 1);
            var kept = (ulong)((UInt128)mantissa >> drop);
            if (rest > half || (rest == half && (lost || (kept & 1) != 0))) kept++;
            return Math.ScaleB(kept, (int)(exponent + drop));
        }

        return Math.ScaleB(mantissa, (int)exponent);
    }
}
