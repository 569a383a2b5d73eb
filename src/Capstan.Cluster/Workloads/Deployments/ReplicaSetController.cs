using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Keeps as many pods of a template as a ReplicaSet or a ReplicationController wants.</summary>
internal static class ReplicaSetController
{
    private const int Workers = 5;

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        foreach (var kind in new[] { ReplicaSetKind.ReplicaSets, ReplicaSetKind.ReplicationControllers })
        {
            var sets = ControllerIndex.AddTo(informers, kind.Resource);
            var pods = ControllerIndex.AddTo(informers, Pod.Resource);
            builder.AddController(kind.Component, controller =>
            {
                controller.MaxConcurrentReconciles = Workers;
                controller.Reconciler = new ReplicaSetReconciler(builder.Client, kind, sets, pods, events.From(kind.Component));
                controller.For(sets);
                controller.Owns(pods, kind.Resource);
                Orphans.Watch(controller, pods, sets, set => kind.Read(set).Spec.Selector?.Selector ?? LabelSelector.Nothing);
            });
        }
    }
}
