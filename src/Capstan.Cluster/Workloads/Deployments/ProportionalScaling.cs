using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Brings the sets to the Deployment's size when that has changed: in the middle of a rollout each by its share, so that the rollout is as far as it was.</summary>
internal sealed class ProportionalScaling(DeploymentRun run)
{
    public async Task RunAsync()
    {
        var active = run.All.Where(static set => set.Spec.Replicas > 0).ToList();
        if (active.Count <= 1)
        {
            if ((active.FirstOrDefault() ?? run.New ?? run.Old.LastOrDefault()) is { } only)
            {
                await run.ScaleAsync(only, run.Sizes.Replicas);
            }

            return;
        }

        if (IsSaturated())
        {
            foreach (var set in active.Where(set => set != run.New))
            {
                await run.ScaleAsync(set, 0);
            }
        }
        else if (run.Sizes.IsRolling)
        {
            await ShareAsync(active);
        }
    }

    private bool IsSaturated() =>
        run.New is { } created && created.Spec.Replicas == run.Sizes.Replicas && ReplicaSetNotes.Desired(created) == run.Sizes.Replicas
        && (created.Status?.AvailableReplicas ?? 0) == run.Sizes.Replicas;

    private async Task ShareAsync(List<ReplicaSet> active)
    {
        var sizes = run.Sizes;
        var change = (sizes.Replicas > 0 ? sizes.Replicas + sizes.MaxSurge : 0) - DeploymentSizes.Total(active);

        // The largest first; of the same size the newest grows and the oldest shrinks first.
        var bySize = active.OrderByDescending(static set => set.Spec.Replicas);
        var ordered = change > 0
            ? bySize.ThenByDescending(static set => set.Metadata.CreationTimestamp).ThenByDescending(static set => set.Key.Name, StringComparer.Ordinal).ToList()
            : [.. bySize.ThenBy(static set => set.Metadata.CreationTimestamp).ThenBy(static set => set.Key.Name, StringComparer.Ordinal)];
        var (shares, changed) = (new List<int>(), 0);
        foreach (var set in ordered)
        {
            var share = sizes.Proportion(set, run.Deployment.Status?.Replicas ?? 0, change, changed);
            shares.Add(set.Spec.Replicas!.Value + share);
            changed += share;
        }

        // What rounding left over is the largest's.
        shares[0] = Math.Max(0, shares[0] + change - changed);
        for (var i = 0; i < ordered.Count; i++)
        {
            await run.ScaleAsync(ordered[i], shares[i], notes: true);
        }
    }
}
