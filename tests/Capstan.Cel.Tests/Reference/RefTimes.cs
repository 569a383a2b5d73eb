using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Pattern = System.Text.RegularExpressions.Regex;

namespace Capstan.Cel.Tests.Reference;

/// <summary>Texts of timestamps and durations, and their fields.</summary>
internal static class RefTimes
{
    private const long Second = 1_000_000_000;

    private static readonly Pattern _timestampPattern = new(@"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant);
    private static readonly Pattern _durationPattern = new(@"^[+-]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:h|ms|m|s|us|µs|μs|ns))+)\z", RegexOptions.CultureInvariant);
    private static readonly Pattern _partPattern = new(@"([0-9]*)(?:\.([0-9]*))?(h|ms|m|s|us|µs|μs|ns)", RegexOptions.CultureInvariant);
    private static readonly Pattern _zonePattern = new(@"^([+-]?)([0-9]{2}):([0-9]{2})\z", RegexOptions.CultureInvariant);

    private static readonly DateTime _epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static BigInteger First { get; } = Since(new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Utc));

    public static BigInteger Last { get; } = Since(new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc)) + (Second - 1);

    public static RefValue? Call(string function, RefValue[] a, RefDialect dialect) => (function, a) switch
    {
        ("getHours", [RefDuration d]) => new RefInt((long)In(d, 3600 * Second)),
        ("getMinutes", [RefDuration d]) => new RefInt((long)In(d, 60 * Second)),
        ("getSeconds", [RefDuration d]) => new RefInt((long)In(d, Second)),
        ("getMilliseconds", [RefDuration d]) => RefValue.Int(dialect == RefDialect.Kubernetes
            ? BigInteger.Divide(d.Nanoseconds, 1_000_000)
            : BigInteger.Divide(BigInteger.Remainder(d.Nanoseconds, Second), 1_000_000)),
        (_, [RefTimestamp t]) => Field(function, t.Nanoseconds),
        (_, [RefTimestamp t, RefString zone]) when function.StartsWith("get", StringComparison.Ordinal) =>
            Offset(zone.Value) is { } minutes ? Field(function, t.Nanoseconds + (BigInteger)minutes * 60 * Second) : new RefError("unknown zone"),
        _ => null,
    };

    /// <summary>Seconds as a double, in the shortest way without an exponent.</summary>
    public static string Text(RefDuration duration) => RefNumbers.Plain(In(duration, Second)) + "s";

    public static string Text(RefTimestamp timestamp)
    {
        var local = timestamp.Nanoseconds + (BigInteger)timestamp.OffsetMinutes * 60 * Second;
        var (date, nanoseconds) = Split(local);
        var fraction = nanoseconds == 0 ? "" : "." + nanoseconds.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        var offset = Math.Abs(timestamp.OffsetMinutes);
        var zone = offset == 0 ? "Z" : $"{(timestamp.OffsetMinutes < 0 ? '-' : '+')}{offset / 60:00}:{offset % 60:00}";
        return date.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + fraction + zone;
    }

    public static RefValue? ParseTimestamp(string text, RefDialect dialect)
    {
        var match = _timestampPattern.Match(text);
        if (!match.Success || !DateTime.TryParseExact(
            match.Groups[1].Value, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date))
        {
            return null;
        }

        var fraction = match.Groups[2].Value.PadRight(9, '0')[..9];
        var zone = match.Groups[3].Value;
        var minutes = 0;
        if (zone != "Z")
        {
            var (hours, rest) = (int.Parse(zone[1..3], CultureInfo.InvariantCulture), int.Parse(zone[4..], CultureInfo.InvariantCulture));
            if (hours > 24 || rest > 59)
            {
                return null;
            }

            minutes = (zone[0] == '-' ? -1 : 1) * (hours * 60 + rest);
        }

        var nanoseconds = Since(date) + int.Parse(fraction, CultureInfo.InvariantCulture) - (BigInteger)minutes * 60 * Second;
        return RefValue.Timestamp(nanoseconds, dialect == RefDialect.Kubernetes ? minutes : 0);
    }

    /// <summary>A sign and numbers with units; each number counts exactly, cut to nanoseconds.</summary>
    public static RefValue? ParseDuration(string text)
    {
        var match = _durationPattern.Match(text);
        if (!match.Success)
        {
            return null;
        }

        BigInteger sum = 0;
        foreach (Match part in _partPattern.Matches(text))
        {
            var unit = part.Groups[3].Value switch
            {
                "h" => 3600 * Second,
                "m" => 60 * Second,
                "s" => Second,
                "ms" => 1_000_000,
                "ns" => 1,
                _ => 1000,
            };
            var fraction = part.Groups[2].Value;
            sum += BigInteger.Parse("0" + part.Groups[1].Value, CultureInfo.InvariantCulture) * unit;
            sum += BigInteger.Divide(BigInteger.Parse("0" + fraction, CultureInfo.InvariantCulture) * unit, BigInteger.Pow(10, fraction.Length));
        }

        return RefValue.Duration(text[0] == '-' ? -sum : sum) is RefDuration duration ? duration : null;
    }

    // As a double: a duration of many years just below a whole hour has that hour.
    private static double In(RefDuration duration, long unit)
    {
        var whole = BigInteger.DivRem(duration.Nanoseconds, unit, out var rest);
        return (double)whole + (double)rest / unit;
    }

    private static RefValue? Field(string function, BigInteger local)
    {
        // A zone may move the first and last hours out of the calendar of .NET; 400 years on or back the calendar is the same.
        var shift = local < First ? 400 : local > Last ? -400 : 0;
        var (date, nanoseconds) = Split(local + (shift / 400 * (BigInteger)146_097 * 86_400 * Second));
        int? value = function switch
        {
            "getFullYear" => date.Year - shift,
            "getMonth" => date.Month - 1,
            "getDate" => date.Day,
            "getDayOfMonth" => date.Day - 1,
            "getDayOfWeek" => (int)date.DayOfWeek,
            "getDayOfYear" => date.DayOfYear - 1,
            "getHours" => date.Hour,
            "getMinutes" => date.Minute,
            "getSeconds" => date.Second,
            "getMilliseconds" => nanoseconds / 1_000_000,
            _ => null,
        };
        return value is { } found ? new RefInt(found) : null;
    }

    private static int? Offset(string zone)
    {
        if (zone is "UTC" or "Etc/UTC")
        {
            return 0;
        }

        if (zone == "Etc/GMT+5")
        {
            return -300;
        }

        var match = _zonePattern.Match(zone);
        if (!match.Success)
        {
            return null;
        }

        var minutes = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) * 60 + int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture);
        return match.Groups[1].Value == "-" ? -minutes : minutes;
    }

    private static BigInteger Since(DateTime date) => (BigInteger)(date - _epoch).Ticks * 100;

    private static (DateTime Date, int Nanoseconds) Split(BigInteger sinceEpoch)
    {
        var nanoseconds = (int)(((sinceEpoch % Second) + Second) % Second);
        return (_epoch.AddTicks((long)((sinceEpoch - nanoseconds) / 100)), nanoseconds);
    }
}
