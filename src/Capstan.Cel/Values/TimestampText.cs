namespace Capstan.Cel.Values;

/// <summary>Reads and writes RFC 3339 with nanoseconds.</summary>
internal static class TimestampText
{
    /// <summary>False: not of the form. The year 0000 is; its range is for the caller to check.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out long seconds, out int nanos, out short offsetMinutes)
    {
        (seconds, nanos, offsetMinutes) = (0, 0, 0);
        if (!TryDigits(ref text, 4, out var year) || !TrySkip(ref text, '-')) return false;
        if (!TryDigits(ref text, 2, out var month) || month is < 1 or > 12 || !TrySkip(ref text, '-')) return false;
        if (!TryDigits(ref text, 2, out var day) || day < 1 || day > CelCalendar.DaysIn(year, month) || !TrySkip(ref text, 'T')) return false;
        var hourDigits = text.Length > 1 && char.IsAsciiDigit(text[1]) ? 2 : 1;
        if (!TryDigits(ref text, hourDigits, out var hour) || hour > 23 || !TrySkip(ref text, ':')) return false;
        if (!TryDigits(ref text, 2, out var minute) || minute > 59 || !TrySkip(ref text, ':')) return false;
        if (!TryDigits(ref text, 2, out var second) || second > 59) return false;
        if (text is ['.' or ',', >= '0' and <= '9', ..]) nanos = ReadFraction(ref text);
        if (!TryReadOffset(text, out offsetMinutes)) return false;
        seconds = (CelCalendar.DaysOf(year, month, day) * 86400) + (hour * 3600) + (minute * 60) + second - (offsetMinutes * 60);
        return true;
    }

    /// <summary>The shortest form that holds all nanoseconds.</summary>
    public static string Write(CelTimestamp value)
    {
        Span<char> text = stackalloc char[48];
        var local = value.Seconds + (value.OffsetMinutes * 60);
        var days = Math.DivRem(local, 86400, out var second);
        if (second < 0) (days, second) = (days - 1, second + 86400);
        var (year, month, day) = CelCalendar.DateOf(days);
        text.TryWrite($"{year:D4}-{month:D2}-{day:D2}T{second / 3600:D2}:{second / 60 % 60:D2}:{second % 60:D2}", out var length);
        if (value.Nanos != 0)
        {
            text[length..].TryWrite($".{value.Nanos:D9}", out var written);
            length = text[..(length + written)].TrimEnd('0').Length;
        }

        if (value.OffsetMinutes == 0)
        {
            text[length++] = 'Z';
        }
        else
        {
            var offset = Math.Abs((int)value.OffsetMinutes);
            text[length..].TryWrite($"{(value.OffsetMinutes < 0 ? '-' : '+')}{offset / 60:D2}:{offset % 60:D2}", out var written);
            length += written;
        }

        return new(text[..length]);
    }

    private static bool TryReadOffset(ReadOnlySpan<char> text, out short minutes)
    {
        minutes = 0;
        if (text is "Z") return true;
        if (text is not ['+' or '-', _, _, ':', _, _]) return false;
        var negative = text[0] == '-';
        text = text[1..];
        if (!TryDigits(ref text, 2, out var hour) || hour > 24 || !TrySkip(ref text, ':') || !TryDigits(ref text, 2, out var minute) || minute > 60) return false;
        minutes = (short)((hour * 60) + minute);
        if (negative) minutes = (short)-minutes;
        return true;
    }

    private static int ReadFraction(ref ReadOnlySpan<char> text)
    {
        var nanos = 0;
        var read = 1;
        for (; read < text.Length && char.IsAsciiDigit(text[read]); read++)
        {
            if (read <= 9) nanos = (nanos * 10) + text[read] - '0';
        }

        for (var digits = read; digits <= 9; digits++) nanos *= 10;
        text = text[read..];
        return nanos;
    }

    private static bool TryDigits(ref ReadOnlySpan<char> text, int count, out int value)
    {
        value = 0;
        if (text.Length < count) return false;
        foreach (var c in text[..count])
        {
            if (!char.IsAsciiDigit(c)) return false;
            value = (value * 10) + c - '0';
        }

        text = text[count..];
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<char> text, char expected)
    {
        if (text.IsEmpty || text[0] != expected) return false;
        text = text[1..];
        return true;
    }
}
