using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Replaces pods some at a time: never more than the surge too many, never more than the allowed number unavailable.</summary>
internal sealed class RollingUpdate(DeploymentRun run)
{
    public async Task RunAsync()
    {
        await run.EnsureNewAsync();
        if (await ScaleNewAsync() || await ScaleOldAsync())
        {
            return;
        }

        if (Progress.IsComplete(run.Deployment, run.Deployment.Status))
        {
            await run.CleanUpAsync();
        }
    }

    private async Task<bool> ScaleNewAsync()
    {
        var (created, wanted) = (run.New!, run.Sizes.Replicas);
        var size = created.Spec.Replicas ?? 0;
        return size != wanted && await run.ScaleAsync(created, size > wanted ? wanted : run.Sizes.NewReplicas(run.All, size));
    }

    /// <summary>First those that are not available: nobody misses them, and they would hold up the rollout. Then as many as are available beyond what must be.</summary>
    private async Task<bool> ScaleOldAsync()
    {
        if (run.All.Any(static set => set.Status?.ObservedGeneration is not { } seen || seen < set.Metadata.Generation))
        {
            // A count from before the last change of size may be of pods that are going: then one too many would be taken for available.
            return false;
        }

        var created = run.New!;
        var starting = (created.Spec.Replicas ?? 0) - Available(created);
        var dispensable = DeploymentSizes.Total(run.All) - run.Sizes.MinAvailable - starting;
        if (dispensable <= 0 || DeploymentSizes.Total(run.Old) == 0)
        {
            return false;
        }

        var unhealthy = await ShrinkAsync(dispensable, static set => set.Spec.Replicas!.Value - Available(set));
        var spare = run.All.Sum(Available) - run.Sizes.MinAvailable;
        return unhealthy + await ShrinkAsync(spare, static set => set.Spec.Replicas!.Value) > 0;
    }

    /// <summary>Those that stay available: a set that shrinks lets go of the others first.</summary>
    private static int Available(ReplicaSet set) => Math.Min(set.Status?.AvailableReplicas ?? 0, set.Spec.Replicas ?? 0);

    /// <summary>Takes so many pods from the old sets, the oldest first, and from each no more than it can spare.</summary>
    private async Task<int> ShrinkAsync(int count, Func<ReplicaSet, int> spare)
    {
        var taken = 0;
        foreach (var set in run.Old.Where(static set => set.Spec.Replicas > 0))
        {
            var part = Math.Min(count - taken, spare(set));
            if (part > 0)
            {
                await run.ScaleAsync(set, set.Spec.Replicas!.Value - part);
                taken += part;
            }
        }

        return taken;
    }
}
