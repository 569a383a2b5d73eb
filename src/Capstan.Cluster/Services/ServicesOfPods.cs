using Capstan.Caching;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Which Services a change of a pod concerns.</summary>
internal sealed class ServicesOfPods(Informer services)
{
    /// <summary>Those that select the pod as it was or as it is; none when nothing that they tell has changed.</summary>
    public IEnumerable<ObjectKey> Concerned(Pod? before, Pod? now)
    {
        if (before is not null && now is not null && !HasChanged(before, now))
        {
            return [];
        }

        var @namespace = (now ?? before)!.Metadata.Namespace;
        return services.CacheOf<Service>().List(new ListQuery { Namespace = @namespace })
            .Where(service => service.Spec.Selector is { } selector && (Selects(selector, before) || Selects(selector, now)))
            .Select(service => service.Key);
    }

    /// <summary>A selector without labels selects every pod.</summary>
    public static bool Selects(Dictionary<string, string> selector, Pod? pod) =>
        pod is not null && selector.All(label => pod.Metadata.Labels is { } labels && labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool HasChanged(Pod before, Pod now) =>
        before.Metadata.DeletionTimestamp != now.Metadata.DeletionTimestamp
        || before.HasEnded != now.HasEnded
        || before.IsReady != now.IsReady
        || before.Spec.Hostname != now.Spec.Hostname
        || before.Spec.Subdomain != now.Spec.Subdomain
        || before.Spec.NodeName != now.Spec.NodeName
        || before.Status?.PodIP != now.Status?.PodIP
        || !(before.Status?.PodIPs ?? []).SequenceEqual(now.Status?.PodIPs ?? [])
        || !LabelMaps.AreEqual(before.Metadata.Labels, now.Metadata.Labels);
}
