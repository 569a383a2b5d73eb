using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Failures of a Job's pods since the last that succeeded, and how long to wait before another try: 10 s, doubled with each, at most ten minutes. Immutable.</summary>
internal sealed record PodBackoff(int Failures, DateTimeOffset? LastFailure)
{
    public static readonly PodBackoff None = new(0, null);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>After more pods have ended.</summary>
    public PodBackoff After(IEnumerable<Pod> succeeded, IEnumerable<Pod> failed)
    {
        var failures = failed.Select(JobPods.FinishedAt).ToList();
        if (succeeded.Select(JobPods.FinishedAt).DefaultIfEmpty(DateTimeOffset.MinValue).Max() is var success && success == DateTimeOffset.MinValue)
        {
            return failures.Count == 0 ? this : new(Failures + failures.Count, failures.Max());
        }

        var later = failures.FindAll(at => at > success);
        return later.Count == 0 ? None : new(later.Count, later.Max());
    }

    /// <summary>How long to wait yet.</summary>
    public TimeSpan Remaining(DateTimeOffset now) => Remaining(Failures, LastFailure, now);

    public static TimeSpan Remaining(int failures, DateTimeOffset? lastFailure, DateTimeOffset now)
    {
        if (failures == 0 || lastFailure is not { } last)
        {
            return TimeSpan.Zero;
        }

        var wait = failures > 10 ? Longest : TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << (failures - 1)));
        var left = wait - (now - last);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
