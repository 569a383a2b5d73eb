using System.Globalization;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Jobs.Cron;

namespace Capstan.Cluster.Tests.Workloads.Jobs;

public sealed class CronScheduleTests
{
    /// <summary>The times are those of robfig/cron v3, the library of Kubernetes, run over the same schedules.</summary>
    [Theory]
    [InlineData("*/15 * * * *", "UTC", "2026-11-22T05:07:31Z", "2026-11-22T05:15:00Z 2026-11-22T05:30:00Z 2026-11-22T05:45:00Z 2026-11-22T06:00:00Z")]
    [InlineData("0 5 * * *", "Europe/Berlin", "2026-11-22T05:07:31Z", "2026-11-23T04:00:00Z 2026-11-24T04:00:00Z 2026-11-25T04:00:00Z 2026-11-26T04:00:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z 2026-03-31T00:30:00Z 2026-04-01T00:30:00Z 2026-04-02T00:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-26T01:30:00Z 2026-10-27T01:30:00Z")]
    [InlineData("0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-25T00:00:00Z 2026-10-25T01:00:00Z 2026-10-25T02:00:00Z 2026-10-25T03:00:00Z")]
    [InlineData("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:10:00Z", "2026-03-29T00:30:00Z 2026-03-29T01:00:00Z 2026-03-29T01:30:00Z 2026-03-29T02:00:00Z")]
    [InlineData("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-05T02:00:00Z 2018-11-06T02:00:00Z 2018-11-07T02:00:00Z 2018-11-08T02:00:00Z")]
    [InlineData("0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z 2036-02-29T00:00:00Z 2040-02-29T00:00:00Z")]
    [InlineData("0 12 13 * FRI", "UTC", "2026-11-22T05:07:31Z", "2026-11-27T12:00:00Z 2026-12-04T12:00:00Z 2026-12-11T12:00:00Z 2026-12-13T12:00:00Z")]
    [InlineData("0 12 */2 * MON", "UTC", "2026-11-22T05:07:31Z", "2026-11-23T12:00:00Z 2026-11-25T12:00:00Z 2026-11-27T12:00:00Z 2026-11-29T12:00:00Z")]
    [InlineData("15-45/10,59 3 1 JAN,jul ?", "UTC", "2026-11-22T05:07:31Z", "2027-01-01T03:15:00Z 2027-01-01T03:25:00Z 2027-01-01T03:35:00Z 2027-01-01T03:45:00Z")]
    [InlineData("5/20 * * * *", "UTC", "2026-11-22T05:07:31Z", "2026-11-22T05:25:00Z 2026-11-22T05:45:00Z 2026-11-22T06:05:00Z 2026-11-22T06:25:00Z")]
    [InlineData("@hourly", "Asia/Kolkata", "2026-11-22T05:07:31Z", "2026-11-22T05:30:00Z 2026-11-22T06:30:00Z 2026-11-22T07:30:00Z 2026-11-22T08:30:00Z")]
    [InlineData("@weekly", "America/New_York", "2026-11-22T05:07:31Z", "2026-11-29T05:00:00Z 2026-12-06T05:00:00Z 2026-12-13T05:00:00Z 2026-12-20T05:00:00Z")]
    [InlineData("@monthly", "UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z 2027-02-01T00:00:00Z 2027-03-01T00:00:00Z 2027-04-01T00:00:00Z")]
    [InlineData("@yearly", "Pacific/Auckland", "2026-06-30T00:00:00Z", "2026-12-31T11:00:00Z 2027-12-31T11:00:00Z 2028-12-31T11:00:00Z 2029-12-31T11:00:00Z")]
    [InlineData("@every 1h30m", "UTC", "2026-11-22T05:07:31Z", "2026-11-22T06:37:31Z 2026-11-22T08:07:31Z 2026-11-22T09:37:31Z 2026-11-22T11:07:31Z")]
    [InlineData("0 0 31 * *", "UTC", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z 2026-05-31T00:00:00Z 2026-07-31T00:00:00Z 2026-08-31T00:00:00Z")]
    [InlineData("0 2 * * SUN", "America/New_York", "2026-03-01T12:00:00Z", "2026-03-15T06:00:00Z 2026-03-22T06:00:00Z 2026-03-29T06:00:00Z 2026-04-05T06:00:00Z")]
    [InlineData("0 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:00:00Z 2026-11-01T06:00:00Z 2026-11-02T06:00:00Z 2026-11-03T06:00:00Z")]
    [InlineData("30 1 * * *", "Europe/London", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-26T01:30:00Z 2026-10-27T01:30:00Z")]
    [InlineData("0 0 31 2 *", "UTC", "2026-01-01T00:00:00Z", "never")]
    [InlineData("0 0 * * *", "Asia/Beirut", "2026-03-27T12:00:00Z", "2026-03-27T22:00:00Z 2026-03-29T21:00:00Z 2026-03-30T21:00:00Z 2026-03-31T21:00:00Z")]
    [InlineData("45 1,2,3 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:15:00Z 2026-10-03T15:45:00Z 2026-10-03T16:45:00Z 2026-10-04T14:45:00Z")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", "2026-04-04T14:45:00Z 2026-04-04T15:15:00Z 2026-04-05T15:15:00Z 2026-04-06T15:15:00Z")]
    public void The_next_times_are_those_of_the_library_of_kubernetes(string schedule, string zone, string from, string times)
    {
        var cron = CronSchedule.Parse(schedule, CronSchedule.FindZone(zone)!);
        var count = times.Split(' ').Length;
        Assert.Equal(times, Written(cron, from, count));
        Assert.Equal(times, Written(CronSchedule.Parse($"TZ={zone} {schedule}", TimeZoneInfo.Utc), from, count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * * 7")]
    [InlineData("*/0 * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("1-2-3 * * * *")]
    [InlineData("*/2/3 * * * *")]
    [InlineData("-1 * * * *")]
    [InlineData("99999999999 * * * *")]
    [InlineData("* * * foo *")]
    [InlineData("@never")]
    [InlineData("@every soon")]
    [InlineData("TZ=Mars/Base 0 0 * * *")]
    [InlineData("TZ=UTC")]
    public void What_is_no_schedule_is_refused(string schedule) => Assert.Throws<FormatException>(() => CronSchedule.Parse(schedule, TimeZoneInfo.Utc));

    [Theory]
    [InlineData("*/10 * * * *", null, "05:00:00", "05:09:59", null, false)]
    [InlineData("*/10 * * * *", null, "05:00:00", "05:10:00", "05:10:00", false)]
    [InlineData("*/10 * * * *", null, "05:00:00", "06:17:00", "06:10:00", false)]
    [InlineData("* * * * *", null, "05:00:00", "08:17:30", "08:17:00", true)]
    [InlineData("* * * * *", 120L, "05:00:00", "08:17:30", "08:17:00", false)]
    [InlineData("0 * * * *", 120L, "05:00:00", "08:17:30", null, false)]
    public void The_last_missed_start_is_the_one_that_is_due(string schedule, long? deadline, string last, string now, string? due, bool many)
    {
        var cron = new CronJob { Spec = new() { StartingDeadlineSeconds = deadline }, Status = new() { LastScheduleTime = At(last) } };
        var read = CronSchedule.Parse(schedule, TimeZoneInfo.Utc);
        Assert.Equal((due is null ? null : At(due), many), MissedStarts.Due(cron, read, At(now)));
        var wait = MissedStarts.UntilNext(cron, read, At(now));
        Assert.Equal(read.Next(At(now)), At(now) + wait - TimeSpan.FromMilliseconds(100));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-11-22T{time}Z", CultureInfo.InvariantCulture);

    private static string Written(CronSchedule cron, string from, int count)
    {
        var seen = new List<string>();
        DateTimeOffset? at = DateTimeOffset.Parse(from, CultureInfo.InvariantCulture);
        while (seen.Count < count)
        {
            at = cron.Next(at!.Value);
            seen.Add(at is { } next ? KubeTime.Format(next) : "never");
        }

        return string.Join(' ', seen);
    }
}
