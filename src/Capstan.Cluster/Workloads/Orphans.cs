using Capstan.Caching;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads;

/// <summary>Who may want to adopt an object that nobody controls: those of its namespace that select its labels.</summary>
internal static class Orphans
{
    /// <summary>Tells a controller of orphans that are new, or have other labels, or lost their controller.</summary>
    public static void Watch(ControllerBuilder controller, Informer objects, Informer owners, Func<DynamicObject, LabelSelector> selectorOf) => controller.Watches(
        objects,
        (_, now) => owners.Cache.List(new ListQuery { Namespace = now!.Key.Namespace })
            .Where(owner => selectorOf(owner) is { IsEmpty: false } selector && selector.Matches(now.Labels)).Select(static owner => owner.Key),
        static (old, now) => now is { DeletionTimestamp: null } && ControllerIndex.Find(now) is null && (old is null || ControllerIndex.Find(old) is not null || !SameLabels(old, now)));

    private static bool SameLabels(DynamicObject one, DynamicObject other) =>
        one.Labels.Count == other.Labels.Count && one.Labels.All(label => other.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
