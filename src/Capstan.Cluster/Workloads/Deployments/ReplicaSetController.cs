using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Keeps as many pods of a template as a ReplicaSet wants.</summary>
internal static class ReplicaSetController
{
    private const int Workers = 5;

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var sets = ControllerIndex.AddTo<ReplicaSet>(informers);
        var pods = ControllerIndex.AddTo<Pod>(informers);
        builder.AddController("replicaset-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new ReplicaSetReconciler(builder.Client, sets, pods, events.From("replicaset-controller"));
            controller.For(sets);
            controller.Owns(pods, ReplicaSet.Resource);
            Orphans.Watch(controller, pods, sets, static set => set.To<ReplicaSet>().Spec.Selector?.Selector ?? LabelSelector.Nothing);
        });
    }
}
