namespace Capstan.Cel.Values;

/// <summary>What a getter of a timestamp asks for.</summary>
internal enum CelTimeField
{
    /// <summary>getFullYear: the year.</summary>
    FullYear,

    /// <summary>getMonth: January is 0.</summary>
    Month,

    /// <summary>getDayOfYear: 1 January is 0.</summary>
    DayOfYear,

    /// <summary>getDayOfMonth: the first is 0.</summary>
    DayOfMonth,

    /// <summary>getDate: the first is 1.</summary>
    Date,

    /// <summary>getDayOfWeek: Sunday is 0.</summary>
    DayOfWeek,

    /// <summary>getHours: 0 to 23.</summary>
    Hours,

    /// <summary>getMinutes: 0 to 59.</summary>
    Minutes,

    /// <summary>getSeconds: 0 to 59.</summary>
    Seconds,

    /// <summary>getMilliseconds: 0 to 999.</summary>
    Milliseconds,
}

/// <summary>The proleptic Gregorian calendar over int64 seconds: offsets may lead out of the years that <see cref="DateTime"/> has.</summary>
internal static class CelCalendar
{
    private const long SecondsPerDay = 86400;

    /// <summary>The field of <paramref name="localSeconds"/>, seconds since 1970 by the local clock.</summary>
    public static long Get(CelTimeField field, long localSeconds, int nanos)
    {
        var days = Math.DivRem(localSeconds, SecondsPerDay, out var second);
        if (second < 0) (days, second) = (days - 1, second + SecondsPerDay);
        switch (field)
        {
            case CelTimeField.Hours: return second / 3600;
            case CelTimeField.Minutes: return second / 60 % 60;
            case CelTimeField.Seconds: return second % 60;
            case CelTimeField.Milliseconds: return nanos / 1_000_000;
            case CelTimeField.DayOfWeek: return (((days + 4) % 7) + 7) % 7;
        }

        var (year, month, day) = DateOf(days);
        return field switch
        {
            CelTimeField.FullYear => year,
            CelTimeField.Month => month - 1,
            CelTimeField.Date => day,
            CelTimeField.DayOfMonth => day - 1,
            _ => days - DaysOf(year, 1, 1),
        };
    }

    /// <summary>Is 29 February in <paramref name="year"/>?</summary>
    public static bool IsLeap(long year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    /// <summary>Days of a month from 1 to 12.</summary>
    public static int DaysIn(long year, int month) => month == 2 ? (IsLeap(year) ? 29 : 28) : month is 4 or 6 or 9 or 11 ? 30 : 31;

    /// <summary>Days since 1970-01-01. Years begin in March here, so that the leap day is their last.</summary>
    public static long DaysOf(long year, int month, int day)
    {
        if (month <= 2) year--;
        var era = FloorDiv(year, 400);
        var yearOfEra = year - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        return (era * 146097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719468;
    }

    /// <summary>The date of a day counted from 1970-01-01; the inverse of <see cref="DaysOf"/>.</summary>
    public static (long Year, int Month, int Day) DateOf(long days)
    {
        days += 719468;
        var era = FloorDiv(days, 146097);
        var dayOfEra = days - (era * 146097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36524) - (dayOfEra / 146096)) / 365;
        var dayOfYear = (int)(dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100)));
        var march = ((5 * dayOfYear) + 2) / 153;
        var month = march < 10 ? march + 3 : march - 9;
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, dayOfYear - (((153 * march) + 2) / 5) + 1);
    }

    private static long FloorDiv(long value, long by) => value >= 0 ? value / by : ((value + 1) / by) - 1;
}
