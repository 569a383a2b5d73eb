using Capstan.Cluster.Node;

namespace Capstan.Cluster.Workloads.Jobs.Cron;

/// <summary>When a CronJob starts: five fields, or a name as <c>@hourly</c>, in a time zone. Immutable; pure.</summary>
/// <remarks>The rules of robfig/cron, which Kubernetes uses, where clocks are set forward or back too: a time that does not exist is skipped, one that there is twice comes twice
/// unless the hours are named.</remarks>
internal sealed class CronSchedule
{
    private const int YearsAhead = 5;
    private const string EveryPrefix = "@every ";

    private readonly TimeZoneInfo _zone;
    private readonly CronField _minute, _hour, _dayOfMonth, _month, _dayOfWeek;
    private readonly TimeSpan? _every;

    private CronSchedule(TimeZoneInfo zone, string[] fields)
    {
        _zone = zone;
        (_minute, _hour, _dayOfMonth) = (CronField.Minute(fields[0]), CronField.Hour(fields[1]), CronField.DayOfMonth(fields[2]));
        (_month, _dayOfWeek) = (CronField.Month(fields[3]), CronField.DayOfWeek(fields[4]));
    }

    private CronSchedule(TimeZoneInfo zone, TimeSpan every) => (_zone, _every) = (zone, every);

    /// <summary>Reads a schedule; a zone in it (<c>TZ=Europe/Berlin 0 5 * * *</c>) wins.</summary>
    /// <param name="text">The schedule.</param>
    /// <param name="zone">Its zone, if it names none.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static CronSchedule Parse(string text, TimeZoneInfo zone)
    {
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var (end, start) = (text.IndexOf(' ', StringComparison.Ordinal), text.IndexOf('=', StringComparison.Ordinal) + 1);
            var name = end < 0 ? text[start..] : text[start..end];
            zone = FindZone(name) ?? throw new FormatException($"provided bad location {name}: unknown time zone {name}");
            text = end < 0 ? "" : text[end..].Trim();
        }

        if (text.StartsWith('@'))
        {
            return text switch
            {
                "@yearly" or "@annually" => Of("0 0 1 1 *"),
                "@monthly" => Of("0 0 1 * *"),
                "@weekly" => Of("0 0 * * 0"),
                "@daily" or "@midnight" => Of("0 0 * * *"),
                "@hourly" => Of("0 * * * *"),
                _ when text.StartsWith(EveryPrefix, StringComparison.Ordinal) && GoDuration.TryParse(text[EveryPrefix.Length..], out var every) =>
                    new(zone, TimeSpan.FromSeconds(Math.Max(1, Math.Floor(every.TotalSeconds)))),
                _ => throw new FormatException($"unrecognized descriptor: {text}"),
            };
        }

        return Of(text);

        CronSchedule Of(string spec) => spec.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: 5 } fields
            ? new(zone, fields)
            : throw new FormatException($"expected exactly 5 fields: {spec}");
    }

    /// <summary>Null if there is no such zone. Empty is UTC, as in Go.</summary>
    public static TimeZoneInfo? FindZone(string name) =>
        name is "" or "UTC" ? TimeZoneInfo.Utc : name == "Local" ? TimeZoneInfo.Local : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    /// <summary>The first time after this one; null if there is none within five years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (_every is { } every)
        {
            return KubeTime.Truncate(after) + every;
        }

        var at = new ZonedTime(KubeTime.Truncate(after.ToUniversalTime()).UtcDateTime.AddSeconds(1), _zone);
        var lastYear = at.Local.Year + YearsAhead;

        // Seconds are always 0: what is past it waits for the next minute.
        var isSet = false;
    wrap:
        if (at.Local.Year > lastYear)
        {
            return null;
        }

        while (!_month.Has(at.Local.Month))
        {
            at = isSet ? at : at.At(at.Local.Year, at.Local.Month, 1);
            isSet = true;
            var next = at.Local.AddMonths(1);
            at = at.At(next.Year, next.Month, next.Day, next.TimeOfDay);
            if (at.Local.Month == 1)
            {
                goto wrap;
            }
        }

        while (!IsDay(at.Local))
        {
            at = isSet ? at : at.At(at.Local.Year, at.Local.Month, at.Local.Day);
            isSet = true;
            var next = at.Local.AddDays(1);
            at = at.At(next.Year, next.Month, next.Day, next.TimeOfDay);

            // A midnight that does not exist became another hour.
            if (at.Local.Hour != 0)
            {
                at = at.Add(TimeSpan.FromHours(at.Local.Hour > 12 ? 24 - at.Local.Hour : -at.Local.Hour));
            }

            if (at.Local.Day == 1)
            {
                goto wrap;
            }
        }

        while (!_hour.Has(at.Local.Hour))
        {
            at = isSet ? at : at.At(at.Local.Year, at.Local.Month, at.Local.Day, TimeSpan.FromHours(at.Local.Hour));
            isSet = true;
            at = at.Add(TimeSpan.FromHours(1));
            if (at.Local.Hour == 0)
            {
                goto wrap;
            }
        }

        while (!_minute.Has(at.Local.Minute))
        {
            at = isSet ? at : at.TruncatedToMinute();
            isSet = true;
            at = at.Add(TimeSpan.FromMinutes(1));
            if (at.Local.Minute == 0)
            {
                goto wrap;
            }
        }

        while (at.Local.Second != 0)
        {
            isSet = true;
            at = at.Add(TimeSpan.FromSeconds(1));
            if (at.Local.Second == 0)
            {
                goto wrap;
            }
        }

        return new(at.Utc, TimeSpan.Zero);
    }

    private bool IsDay(DateTime day)
    {
        var (ofMonth, ofWeek) = (_dayOfMonth.Has(day.Day), _dayOfWeek.Has((int)day.DayOfWeek));
        return _dayOfMonth.IsStar || _dayOfWeek.IsStar ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    /// <summary>A moment, and what clocks of the zone show then.</summary>
    private readonly struct ZonedTime(DateTime utc, TimeZoneInfo zone)
    {
        public DateTime Utc { get; } = utc;

        public DateTime Local { get; } = DateTime.SpecifyKind(utc + zone.GetUtcOffset(utc), DateTimeKind.Unspecified);

        public ZonedTime Add(TimeSpan time) => new(Utc + time, zone);

        public ZonedTime TruncatedToMinute() => new(new DateTime(Utc.Ticks - (Utc.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc), zone);

        /// <summary>When the clocks show this. Where they do so twice or never, the choice is Go's: by the offset that holds at that time of UTC, else by the one that this leads to.</summary>
        public ZonedTime At(int year, int month, int day, TimeSpan time = default)
        {
            var shown = DateTime.SpecifyKind(new DateTime(year, month, day) + time, DateTimeKind.Utc);
            var offset = zone.GetUtcOffset(shown);
            var real = zone.GetUtcOffset(shown - offset);
            return new(shown - real, zone);
        }
    }
}
