using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs.Cron;

/// <summary>Which start of a CronJob is due, and how many were missed before it. Pure.</summary>
internal static class MissedStarts
{
    private const int Many = 100;

    // So that a timer that is a little early does not find nothing due.
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(100);

    /// <summary>The last start until now, and whether too many were missed.</summary>
    /// <exception cref="FormatException">The schedule has no times.</exception>
    public static (DateTimeOffset? Due, bool IsMany) Due(CronJob cron, CronSchedule schedule, DateTimeOffset now)
    {
        var (_, due, missed) = Recent(cron, schedule, now, mindDeadline: true);
        return (due, missed > Many);
    }

    /// <summary>How long until the next.</summary>
    public static TimeSpan UntilNext(CronJob cron, CronSchedule schedule, DateTimeOffset now)
    {
        var from = now;
        try
        {
            var (earliest, due, missed) = Recent(cron, schedule, now, mindDeadline: false);
            from = due ?? (missed == 0 ? earliest : now);
        }
        catch (FormatException)
        {
            // From now on, then.
        }

        return schedule.Next(from) is { } next ? next + Margin - now : TimeSpan.FromDays(30);
    }

    private static (DateTimeOffset Earliest, DateTimeOffset? Due, long Missed) Recent(CronJob cron, CronSchedule schedule, DateTimeOffset now, bool mindDeadline)
    {
        var earliest = cron.Status?.LastScheduleTime ?? cron.Metadata.CreationTimestamp ?? now;
        if (mindDeadline && cron.Spec.StartingDeadlineSeconds is { } seconds && now.AddSeconds(-Math.Min(seconds, int.MaxValue)) is var deadline && deadline > earliest)
        {
            earliest = deadline;
        }

        if (schedule.Next(earliest) is not { } first || schedule.Next(first) is not { } second || second - first < TimeSpan.FromSeconds(1))
        {
            throw new FormatException("time difference between two schedules is less than 1 second");
        }

        if (now < first)
        {
            return (earliest, null, 0);
        }

        if (now < second)
        {
            return (earliest, first, 0);
        }

        // Not one after the other from long ago: as many as fit by the first distance, then the rest.
        var between = (long)Math.Round((second - first).TotalSeconds);
        var missed = ((long)(now - first).TotalSeconds / between) + 1;
        DateTimeOffset? due = null;
        for (var at = schedule.Next(first.AddSeconds((missed - 2) * between)); at <= now; at = schedule.Next(at.Value))
        {
            due = at;
        }

        return (earliest, due, missed);
    }
}
