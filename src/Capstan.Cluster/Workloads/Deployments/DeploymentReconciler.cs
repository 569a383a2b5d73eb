using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>One look at a Deployment. Each makes one step at most: scale up, or scale down, or clean up; what comes of it brings the next look.</summary>
internal sealed class DeploymentReconciler(KubeClient client, Informer deployments, Informer sets, Informer pods, ComponentEvents events) : Reconciler
{
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (deployments.CacheOf<Deployment>().Get(key) is not { } deployment)
        {
            return ReconcileResult.Done;
        }

        try
        {
            return await ReconcileAsync(deployment, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || FailureText.IsOfEndingNamespace(error))
        {
            // It is gone, or will be: the watch tells.
            return ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict || error.IsAlreadyExists || error.IsForbidden || error.IsInvalid)
        {
            // Another wrote first, or the server will have none of it; its event says what.
            return ReconcileResult.Requeue;
        }
    }

    private async Task<ReconcileResult> ReconcileAsync(Deployment deployment, CancellationToken cancellationToken)
    {
        var selector = deployment.Spec.Selector?.Selector ?? LabelSelector.Nothing;
        var claiming = new Claiming<ReplicaSet>(client, Deployment.Resource, deployment, set => selector.Matches(set.Metadata.Labels));
        var claimed = await claiming.ClaimAsync(ControllerIndex.Candidates<ReplicaSet>(sets, deployment, selector), cancellationToken);
        var run = new DeploymentRun(client, events, deployment, claimed, claiming.Reference, cancellationToken);
        if (deployment.Metadata.DeletionTimestamp is not null)
        {
            await run.FollowTemplateAsync();
            await run.WriteStatusAsync();
            return ReconcileResult.Done;
        }

        await run.TellPausedAsync();
        if (!run.IsPaused && Rollback.Wanted(run.Deployment) is { } revision)
        {
            await new Rollback(run).RunAsync(revision);
            return ReconcileResult.Done;
        }

        await run.FollowTemplateAsync();
        if (run.IsPaused || run.IsScaled)
        {
            await new ProportionalScaling(run).RunAsync();
            if (run.IsPaused)
            {
                await run.CleanUpAsync();
            }

            await run.WriteStatusAsync();
            return ReconcileResult.Done;
        }

        await (run.Sizes.IsRolling ? new RollingUpdate(run).RunAsync() : new Recreation(run, pods).RunAsync());
        return await run.WriteRolloutStatusAsync();
    }
}
