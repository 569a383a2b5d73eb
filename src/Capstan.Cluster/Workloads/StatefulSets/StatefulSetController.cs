using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>Keeps pods that have a name, an ordinal and claims of their own, one of each ordinal at most.</summary>
internal static class StatefulSetController
{
    public static readonly ResourceType Claims = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);

    private const int Workers = 5;

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var sets = informers.Of<StatefulSet>();
        var pods = ControllerIndex.AddTo(informers, Pod.Resource);
        var revisions = ControllerIndex.AddTo(informers, ControllerRevision.Resource);
        var claims = informers.Of(Claims);
        builder.AddController("statefulset-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new StatefulSetReconciler(builder.Client, sets, pods, revisions, claims, events.From("statefulset-controller"));
            controller.For(sets);
            controller.Owns(pods, StatefulSet.Resource);
            Orphans.Watch(controller, pods, sets, static set => set.To<StatefulSet>().Spec.Selector?.Selector ?? LabelSelector.Nothing);

            // A pod may wait for the end of a claim of its name.
            controller.Watches(claims, (old, _) => SetsOf(old!.Key, sets), static (_, now) => now is null);
        });
    }

    private static IEnumerable<ObjectKey> SetsOf(ObjectKey claim, Informer sets) =>
        from set in sets.CacheOf<StatefulSet>().List(new ListQuery { Namespace = claim.Namespace })
        where set.Spec.VolumeClaimTemplates?.Exists(template => claim.Name.StartsWith($"{PodIdentity.TemplateName(template)}-{set.Key.Name}-", StringComparison.Ordinal)) == true
        select set.Key;
}
