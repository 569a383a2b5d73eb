using System.Runtime.ExceptionServices;
using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>One look at a ReplicaSet: claims its pods, makes or deletes as many as it lacks or has too many, and says how it stands.</summary>
/// <remarks>The cache shows what this program wrote, so no pod is made or deleted twice. The status is that of the pods found: what was made or deleted comes back as changes.</remarks>
internal sealed class ReplicaSetReconciler(KubeClient client, ReplicaSetKind kind, Informer sets, Informer pods, ComponentEvents events) : Reconciler
{
    // More in one look would keep a worker from the other sets.
    private const int Burst = 500;

    private static readonly WriteOptions StatusWrites = new() { FieldManager = NamespaceController.Manager, Subresource = "status" };

    private readonly PodWrites _podWrites = new(client, events);

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (sets.Cache.Get(key) is not { } found)
        {
            return ReconcileResult.Done;
        }

        var set = kind.Read(found);
        var selector = set.Spec.Selector?.Selector ?? LabelSelector.Nothing;
        var candidates = ControllerIndex.Candidates<Pod>(pods, set, selector);
        var claiming = new Claiming<Pod>(client, kind.Resource, set, pod => selector.Matches(pod.Metadata.Labels));
        var active = await claiming.ClaimAsync(candidates.Where(static pod => pod.IsActive), cancellationToken);
        var terminating = candidates.Count(pod => pod.IsTerminating && Applying.Owners.ControllerOf(pod) is not null && selector.Matches(pod.Metadata.Labels));
        var failure = set.Metadata.DeletionTimestamp is null ? await ScaleAsync(set, active, claiming.Reference, cancellationToken) : null;
        var now = client.Options.TimeProvider.GetUtcNow();
        var status = ReplicaSetStatuses.Of(set, active, kind.CountsTerminating ? terminating : null, failure, now);
        try
        {
            await WriteStatusAsync(found, set, status, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict)
        {
            return ReconcileResult.Requeue;
        }

        if (failure is not null)
        {
            // Not a fault of this program; but no look without a pause.
            return failure is PodDeletionException or ApiException ? ReconcileResult.Requeue : Throw(failure);
        }

        return status.ReadyReplicas != status.AvailableReplicas ? ReconcileResult.After(Availability.Next(active, set.Spec.MinReadySeconds ?? 0, now)) : ReconcileResult.Done;
    }

    private static ReconcileResult Throw(Exception failure)
    {
        ExceptionDispatchInfo.Throw(failure);
        return default;
    }

    /// <returns>The first failure.</returns>
    private async Task<Exception?> ScaleAsync(ReplicaSet set, List<Pod> active, OwnerReference reference, CancellationToken cancellationToken)
    {
        var surplus = active.Count - (set.Spec.Replicas ?? 1);
        if (surplus < 0)
        {
            return await SlowStart.RunAsync(Math.Min(-surplus, Burst), () => CreateAsync(set, reference, cancellationToken));
        }

        if (surplus == 0)
        {
            return null;
        }

        var now = client.Options.TimeProvider.GetUtcNow();
        var chosen = PodsToDelete.Choose(active, Related(set), Math.Min(surplus, Burst), now);
        try
        {
            await Task.WhenAll(chosen.Select(pod => _podWrites.DeleteAsync(set, pod, cancellationToken)));
            return null;
        }
        catch (PodDeletionException error)
        {
            return error;
        }
    }

    private async Task CreateAsync(ReplicaSet set, OwnerReference reference, CancellationToken cancellationToken)
    {
        try
        {
            await _podWrites.CreateAsync(set, set.Spec.Template, reference, cancellationToken);
        }
        catch (ApiException error) when (FailureText.IsOfEndingNamespace(error))
        {
            // As well: nothing would live long there.
        }
    }

    /// <summary>The pods of all the sets that belong to the same owner, for what shares a node.</summary>
    private List<Pod> Related(ReplicaSet set) =>
        Applying.Owners.ControllerOf(set) is not { } owner ? []
        : [.. ControllerIndex.ControlledBy(sets, owner.Uid).SelectMany(other => ControllerIndex.ControlledBy(pods, other.Uid!)).Select(static pod => pod.To<Pod>())];

    private async Task WriteStatusAsync(DynamicObject found, ReplicaSet set, ReplicaSetStatus status, CancellationToken cancellationToken)
    {
        if (ReplicaSetStatuses.Same(set.Status, status) && set.Status?.ObservedGeneration == set.Metadata.Generation)
        {
            return;
        }

        status.ObservedGeneration = set.Metadata.Generation ?? 0;
        try
        {
            await client.UpdateAsync(kind.Resource, ReplicaSetStatuses.With(found, status), StatusWrites, cancellationToken);
        }
        catch (ApiException error) when (error.IsConflict)
        {
            // Once more over what it is now; the generation stays the one that was looked at.
            var live = await client.GetAsync(kind.Resource, set.Key, cancellationToken);
            if (live.Uid == found.Uid)
            {
                await client.UpdateAsync(kind.Resource, ReplicaSetStatuses.With(live, status), StatusWrites, cancellationToken);
            }
        }
    }
}
