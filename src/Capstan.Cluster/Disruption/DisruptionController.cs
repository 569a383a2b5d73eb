using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Disruption;

/// <summary>Watches budgets, their pods, and whoever says how many there should be.</summary>
internal static class DisruptionController
{
    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var (budgets, pods, sets, deployments) = (informers.Of<PodDisruptionBudget>(), informers.Of<Pod>(), informers.Of<ReplicaSet>(), informers.Of<Deployment>());
        builder.AddController("disruption", controller =>
        {
            controller.MaxConcurrentReconciles = 2;
            controller.Reconciler = new DisruptionReconciler(builder.Client, budgets, pods, new(builder.Client, sets, deployments), events.From("controllermanager"));
            controller.For(budgets, static (_, now) => now is not null);
            controller.Watches<Pod>(pods, (before, now) => Of((now ?? before)!.Metadata.Namespace!)
                .Where(budget => Selects(budget, before) || Selects(budget, now)).Select(budget => budget.Key));

            // Scales are few and rarely change: all budgets beside them are counted anew.
            controller.Watches<ReplicaSet>(sets, (before, now) => before?.Spec.Replicas == now?.Spec.Replicas ? [] : Of((now ?? before)!.Metadata.Namespace!).Select(budget => budget.Key));
            controller.Watches<Deployment>(deployments, (before, now) => before?.Spec.Replicas == now?.Spec.Replicas ? [] : Of((now ?? before)!.Metadata.Namespace!).Select(budget => budget.Key));

            controller.Watches<StatefulSet>(
                informers.Of<StatefulSet>(), (before, now) => before?.Spec.Replicas == now?.Spec.Replicas ? [] : Of((now ?? before)!.Metadata.Namespace!).Select(budget => budget.Key));

            IReadOnlyList<PodDisruptionBudget> Of(string @namespace) => budgets.CacheOf<PodDisruptionBudget>().List(new ListQuery { Namespace = @namespace });
        });
    }

    private static bool Selects(PodDisruptionBudget budget, Pod? pod) => pod is not null && budget.Spec.Selector?.Selector.Matches(pod.Metadata.Labels) == true;
}
