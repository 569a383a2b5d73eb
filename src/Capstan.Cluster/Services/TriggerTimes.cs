using System.Collections.Concurrent;
using System.Globalization;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>When what behind a Service changed, so that people can measure how long it took until everybody knew: written beside the addresses.</summary>
/// <remarks>Thread-safe; calls about one Service must follow each other. Only what has changed since the last call counts, of that the earliest.</remarks>
internal sealed class TriggerTimes
{
    public const string Annotation = "endpoints.kubernetes.io/last-change-trigger-time";

    private readonly ConcurrentDictionary<ObjectKey, Seen> _seen = new();

    /// <summary>Null when nothing that has a time has changed.</summary>
    public DateTimeOffset? Next(Service service, IEnumerable<Pod> pods)
    {
        var known = _seen.GetValueOrDefault(service.Key);
        var created = service.Metadata.CreationTimestamp ?? default;
        var ready = new Dictionary<string, DateTimeOffset>();
        DateTimeOffset? earliest = created > (known?.Service ?? default) ? created : null;
        foreach (var pod in pods)
        {
            if (pod.Condition("Ready")?.LastTransitionTime is { } since)
            {
                ready[pod.Metadata.Name!] = since;
                if (since > (known?.Pods.GetValueOrDefault(pod.Metadata.Name!) ?? default) && (earliest is null || since < earliest))
                {
                    earliest = since;
                }
            }
        }

        _seen[service.Key] = new(created, ready);
        return known is null ? created : earliest;
    }

    public void Forget(ObjectKey service) => _seen.TryRemove(service, out _);

    /// <summary>Writes the time, or takes out one of an earlier change.</summary>
    public static void Annotate(ObjectMeta metadata, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            (metadata.Annotations ??= [])[Annotation] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        }
        else
        {
            metadata.Annotations?.Remove(Annotation);
        }
    }

    private sealed record Seen(DateTimeOffset Service, Dictionary<string, DateTimeOffset> Pods);
}
