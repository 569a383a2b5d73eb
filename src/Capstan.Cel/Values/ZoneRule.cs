namespace Capstan.Cel.Values;

/// <summary>A POSIX TZ rule such as <c>CET-1CEST,M3.5.0,M10.5.0/3</c>: the offset of any time after the last recorded change.</summary>
internal sealed class ZoneRule
{
    private readonly long _standard;
    private readonly long _summer;
    private readonly Day? _start;
    private readonly Day? _end;

    private ZoneRule(long standard, long summer, Day? start, Day? end) => (_standard, _summer, _start, _end) = (standard, summer, start, end);

    private enum DayKind
    {
        /// <summary>Jn: 1 to 365, 29 February is never counted.</summary>
        NoLeapDay,

        /// <summary>n: 0 to 365.</summary>
        OfYear,

        /// <summary>Mm.w.d: a weekday of a week of a month, week 5 the last.</summary>
        WeekdayOfMonth,
    }

    /// <summary>Seconds east of UTC at an instant.</summary>
    public long OffsetAt(long seconds)
    {
        if (_start is not { } start || _end is not { } end) return _standard;
        var year = CelCalendar.Get(CelTimeField.FullYear, seconds, 0);
        var second = seconds - (CelCalendar.DaysOf(year, 1, 1) * 86400);
        var from = start.SecondOf(year) - _standard;
        var to = end.SecondOf(year) - _summer;
        // South of the equator the year begins in summer time.
        return from <= to ? (second >= from && second < to ? _summer : _standard) : (second >= to && second < from ? _standard : _summer);
    }

    /// <summary>False: not of the form.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out ZoneRule? rule)
    {
        rule = null;
        if (!TrySkipName(ref text) || !TryReadTime(ref text, out var west)) return false;
        var standard = -west;
        if (text.IsEmpty)
        {
            rule = new(standard, standard, null, null);
            return true;
        }

        if (!TrySkipName(ref text)) return false;
        var summer = standard + 3600;
        if (text is not ([] or [',', ..]))
        {
            if (!TryReadTime(ref text, out west)) return false;
            summer = -west;
        }

        if (text.IsEmpty) text = ",M3.2.0,M11.1.0";
        if (!TryReadDay(ref text, out var start) || !TryReadDay(ref text, out var end) || !text.IsEmpty) return false;
        rule = new(standard, summer, start, end);
        return true;
    }

    private static bool TrySkipName(ref ReadOnlySpan<char> text)
    {
        var quoted = text is ['<', ..];
        var end = quoted ? text.IndexOf('>') : text.IndexOfAny(",-+0123456789");
        if (end < 0) end = text.Length;
        if (end < 3 || (quoted && end == text.Length)) return false;
        text = text[(quoted ? end + 1 : end)..];
        return true;
    }

    private static bool TryReadTime(ref ReadOnlySpan<char> text, out long seconds)
    {
        var negative = text is ['-', ..];
        if (text is ['-' or '+', ..]) text = text[1..];
        seconds = 0;
        if (!TryReadNumber(ref text, 167, out var hours)) return false;
        seconds = hours * 3600;
        foreach (var unit in (ReadOnlySpan<int>)[60, 1])
        {
            if (text is not [':', ..]) break;
            text = text[1..];
            if (!TryReadNumber(ref text, 59, out var part)) return false;
            seconds += part * unit;
        }

        if (negative) seconds = -seconds;
        return true;
    }

    private static bool TryReadDay(ref ReadOnlySpan<char> text, out Day day)
    {
        day = default;
        if (text is not [',', ..]) return false;
        text = text[1..];
        long month = 0, week = 0, number;
        DayKind kind;
        if (text is ['M', ..])
        {
            text = text[1..];
            kind = DayKind.WeekdayOfMonth;
            if (!TryReadNumber(ref text, 12, out month) || month == 0 || !TrySkipDot(ref text)) return false;
            if (!TryReadNumber(ref text, 5, out week) || week == 0 || !TrySkipDot(ref text)) return false;
            if (!TryReadNumber(ref text, 6, out number)) return false;
        }
        else
        {
            kind = text is ['J', ..] ? DayKind.NoLeapDay : DayKind.OfYear;
            if (kind == DayKind.NoLeapDay) text = text[1..];
            if (!TryReadNumber(ref text, 365, out number)) return false;
        }

        long time = 7200;
        if (text is ['/', ..])
        {
            text = text[1..];
            if (!TryReadTime(ref text, out time)) return false;
        }

        day = new(kind, (int)month, (int)week, (int)number, time);
        return true;
    }

    private static bool TrySkipDot(ref ReadOnlySpan<char> text)
    {
        if (text is not ['.', ..]) return false;
        text = text[1..];
        return true;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<char> text, int max, out long value)
    {
        value = 0;
        var read = 0;
        while (read < text.Length && char.IsAsciiDigit(text[read]) && value <= max) value = (value * 10) + text[read++] - '0';
        text = text[read..];
        return read > 0 && value <= max;
    }

    private readonly record struct Day(DayKind Kind, int Month, int Week, int Number, long Time)
    {
        /// <summary>Seconds since the year began, by the clock that is to be changed.</summary>
        public long SecondOf(long year) => (DayOf(year) * 86400) + Time;

        private long DayOf(long year)
        {
            if (Kind == DayKind.OfYear) return Number;
            if (Kind == DayKind.NoLeapDay) return Number - 1 + (CelCalendar.IsLeap(year) && Number >= 60 ? 1 : 0);
            var first = CelCalendar.DaysOf(year, Month, 1);
            var weekday = (((first + 4) % 7) + 7) % 7;
            var day = (((Number - weekday + 7) % 7) + ((Week - 1) * 7));
            if (day >= CelCalendar.DaysIn(year, Month)) day -= 7;
            return first + day - CelCalendar.DaysOf(year, 1, 1);
        }
    }
}
