using Capstan.Caching;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Which Services a change of a pod concerns.</summary>
/// <remarks>By an index, as a namespace may have thousands of both: of each selector it has the longest label, which is likely to tell most.</remarks>
internal sealed class ServicesOfPods(Informer services)
{
    public const string BySelector = "selector";

    private const string Every = "";

    /// <summary>Those that select the pod as it was or as it is; none when nothing that they tell has changed.</summary>
    public IEnumerable<ObjectKey> Concerned(Pod? before, Pod? now)
    {
        if (before is not null && now is not null && !HasChanged(before, now))
        {
            return [];
        }

        var @namespace = (now ?? before)!.Metadata.Namespace!;
        return Labels(before).Concat(Labels(now)).Append(Every).Distinct()
            .SelectMany(label => services.CacheOf<Service>().List(new ListQuery { Namespace = @namespace, MatchingFields = [(BySelector, label)] }))
            .Where(service => service.Spec.Selector is { } selector && (Selects(selector, before) || Selects(selector, now)))
            .Select(service => service.Key);
    }

    /// <summary>Values of the index.</summary>
    public static IEnumerable<string> LabelOf(DynamicObject service) => service.To<Service>().Spec.Selector is not { } selector ? []
        : selector.Count == 0 ? [Every]
        : [selector.Select(Text).MaxBy(label => label.Length)!];

    /// <summary>A selector without labels selects every pod.</summary>
    public static bool Selects(Dictionary<string, string> selector, Pod? pod) =>
        pod is not null && selector.All(label => pod.Metadata.Labels is { } labels && labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static IEnumerable<string> Labels(Pod? pod) => pod?.Metadata.Labels?.Select(Text) ?? [];

    private static string Text(KeyValuePair<string, string> label) => $"{label.Key}={label.Value}";

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
