using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads;

/// <summary>When pods that are ready will have been so long enough.</summary>
internal static class Availability
{
    /// <summary>Time until the first of the pods becomes available; as long as the wait takes at most, if none of them says.</summary>
    public static TimeSpan Next(IEnumerable<Pod> pods, int minReadySeconds, DateTimeOffset now)
    {
        var longest = TimeSpan.FromSeconds(minReadySeconds);
        return pods.Select(static pod => pod.Condition("Ready"))
            .Where(static ready => ready is { Status: "True", LastTransitionTime: not null })
            .Select(ready => ready!.LastTransitionTime!.Value + longest - now)
            .Where(static wait => wait > TimeSpan.Zero)
            .DefaultIfEmpty(longest)
            .Min();
    }
}
