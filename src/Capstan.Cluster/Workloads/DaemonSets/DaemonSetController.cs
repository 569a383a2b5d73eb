using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.DaemonSets;

/// <summary>Keeps one pod of a template on each node that it may be on.</summary>
internal static class DaemonSetController
{
    private const int Workers = 2;

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var sets = informers.Of<DaemonSet>();
        var pods = ControllerIndex.AddTo(informers, Pod.Resource);
        var revisions = ControllerIndex.AddTo(informers, ControllerRevision.Resource);
        var nodes = informers.Of(NodeObject.Resource);
        builder.AddController("daemonset-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new DaemonSetReconciler(builder.Client, sets, pods, revisions, nodes, events.From("daemonset-controller"));
            controller.For(sets);
            controller.Owns(pods, DaemonSet.Resource);
            Orphans.Watch(controller, pods, sets, static set => set.To<DaemonSet>().Spec.Selector?.Selector ?? LabelSelector.Nothing);

            // Beats of a node's heart say nothing; its labels, taints and coming and going do.
            controller.Watches(nodes, (_, _) => sets.Cache.List().Select(static set => set.Key), static (old, now) => old is null || now is null || Differs(old, now));
        });
    }

    private static bool Differs(DynamicObject old, DynamicObject now) =>
        !System.Text.Json.Nodes.JsonNode.DeepEquals(old.ToJson()["spec"], now.ToJson()["spec"])
        || old.Labels.Count != now.Labels.Count || old.Labels.Any(label => !now.Labels.TryGetValue(label.Key, out var value) || value != label.Value);
}
