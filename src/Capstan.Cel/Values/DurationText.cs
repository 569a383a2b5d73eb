namespace Capstan.Cel.Values;

/// <summary>Reads durations of Go's form. Overflow is noticed at each step, and fractions are scaled in double, so that every nanosecond is Go's.</summary>
internal static class DurationText
{
    private const ulong Limit = 1UL << 63;

    /// <summary>False: not a duration, or one that int64 nanoseconds cannot hold.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out CelDuration value)
    {
        value = default;
        var negative = text is ['-', ..];
        if (text is ['-' or '+', ..]) text = text[1..];
        if (text is "0") return true;
        if (text.IsEmpty) return false;

        ulong total = 0;
        while (!text.IsEmpty)
        {
            if (!TryReadTerm(ref text, out var term)) return false;
            total += term;
            if (total > Limit) return false;
        }

        if (!negative && total == Limit) return false;
        value = new(negative ? unchecked(-(long)total) : (long)total);
        return true;
    }

    private static bool TryReadTerm(ref ReadOnlySpan<char> text, out ulong nanoseconds)
    {
        nanoseconds = 0;
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            if (nanoseconds > Limit / 10) return false;
            nanoseconds = (nanoseconds * 10) + (ulong)(text[digits++] - '0');
            if (nanoseconds > Limit) return false;
        }

        text = text[digits..];
        ulong fraction = 0;
        var scale = 1.0;
        if (text is ['.', ..])
        {
            text = text[1..];
            var read = ReadFraction(text, out fraction, out scale);
            if (digits + read == 0) return false;
            text = text[read..];
        }
        else if (digits == 0)
        {
            return false;
        }

        var unitLength = text.IndexOfAny(".0123456789");
        if (unitLength < 0) unitLength = text.Length;
        var unit = UnitOf(text[..unitLength]);
        text = text[unitLength..];
        if (unit == 0 || nanoseconds > Limit / unit) return false;
        nanoseconds *= unit;
        if (fraction > 0) nanoseconds += (ulong)(fraction * (unit / scale));
        return nanoseconds <= Limit;
    }

    // Digits beyond what int64 holds are read and count for nothing.
    private static int ReadFraction(ReadOnlySpan<char> text, out ulong fraction, out double scale)
    {
        fraction = 0;
        scale = 1;
        var read = 0;
        var full = false;
        for (; read < text.Length && char.IsAsciiDigit(text[read]); read++)
        {
            if (full || fraction > long.MaxValue / 10)
            {
                full = true;
                continue;
            }

            var next = (fraction * 10) + (ulong)(text[read] - '0');
            if (next > Limit)
            {
                full = true;
                continue;
            }

            fraction = next;
            scale *= 10;
        }

        return read;
    }

    private static ulong UnitOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "\u00b5s" or "\u03bcs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 0,
    };
}
