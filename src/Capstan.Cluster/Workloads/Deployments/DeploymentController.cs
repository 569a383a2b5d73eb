using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Brings the pods of Deployments from one template to the next, by scaling a ReplicaSet for each.</summary>
internal static class DeploymentController
{
    private const int Workers = 5;

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var deployments = informers.Of<Deployment>();
        var sets = ControllerIndex.AddTo(informers, ReplicaSet.Resource);
        var pods = ControllerIndex.AddTo(informers, Pod.Resource);
        builder.AddController("deployment-controller", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new DeploymentReconciler(builder.Client, deployments, sets, pods, events.From("deployment-controller"));
            controller.For(deployments);
            controller.Owns(sets, Deployment.Resource);
            Orphans.Watch(controller, sets, deployments, static deployment => deployment.To<Deployment>().Spec.Selector?.Selector ?? LabelSelector.Nothing);

            // A Deployment that recreates waits for the last of its old pods.
            controller.Watches(pods, (old, _) => DeploymentOf(old!, sets), static (_, now) => now is null);
        });
    }

    private static IEnumerable<ObjectKey> DeploymentOf(DynamicObject pod, Informer sets) =>
        ControllerIndex.Find(pod) is { Kind: "ReplicaSet" } set
        && sets.Cache.Get(new(pod.Key.Namespace, set.Name)) is { } found && found.Uid == set.Uid
        && ControllerIndex.Find(found) is { Kind: "Deployment" } deployment
            ? [new(pod.Key.Namespace, deployment.Name)] : [];
}
