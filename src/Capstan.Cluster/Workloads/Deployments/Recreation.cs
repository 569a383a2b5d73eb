using Capstan.Caching;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Ends all old pods before the first new one is made.</summary>
internal sealed class Recreation(DeploymentRun run, Informer pods)
{
    public async Task RunAsync()
    {
        var shrunk = false;
        foreach (var set in run.Old)
        {
            shrunk |= await run.ScaleAsync(set, 0);
        }

        if (shrunk || OldPodsRun())
        {
            return;
        }

        await run.EnsureNewAsync();
        await run.ScaleAsync(run.New!, run.Sizes.Replicas);
        if (Progress.IsComplete(run.Deployment, run.Deployment.Status))
        {
            await run.CleanUpAsync();
        }
    }

    private bool OldPodsRun() =>
        run.Old.Any(static set => set.Status?.Replicas > 0) || run.Old.Any(set => ControllerIndex.Controlled<Pod>(pods, set).Exists(static pod => !pod.HasEnded));
}
