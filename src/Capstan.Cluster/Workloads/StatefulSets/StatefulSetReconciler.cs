using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Hashes;
using Capstan.Cluster.Workloads.Revisions;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>One look at a StatefulSet: its revisions, its pods, its status, and the revisions that nobody needs any more.</summary>
internal sealed class StatefulSetReconciler(KubeClient client, Informer sets, Informer pods, Informer revisions, Informer claims, ComponentEvents events) : Reconciler
{
    private const string HashLabel = "controller.kubernetes.io/hash";

    private readonly StatefulSetStatusWriter _statuses = new(client);

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (sets.CacheOf<StatefulSet>().Get(key) is not { } set)
        {
            return ReconcileResult.Done;
        }

        try
        {
            return await ReconcileAsync(set, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || FailureText.IsOfEndingNamespace(error))
        {
            // It is gone, or will be: the watch tells.
            return ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict || error.IsAlreadyExists || error.IsForbidden || error.IsInvalid)
        {
            // Another wrote first, or the server will have none of it; an event of the set says what.
            return ReconcileResult.Requeue;
        }
        catch (ClaimException)
        {
            return ReconcileResult.Requeue;
        }
    }

    private async Task<ReconcileResult> ReconcileAsync(StatefulSet set, CancellationToken cancellationToken)
    {
        var selector = set.Spec.Selector?.Selector ?? LabelSelector.Nothing;
        var owner = new RevisionOwner(set, StatefulSet.Resource, set.Spec.Template, set.Spec.RevisionHistoryLimit, set.Status?.CollisionCount, HashLabel, static (text, collisions) => SafeHash.OfRevision(text, collisions ?? 0));
        var history = await RevisionHistory.ReadAsync(client, revisions, owner, selector, cancellationToken);
        var claiming = new Claiming<Pod>(client, StatefulSet.Resource, set, pod => selector.Matches(pod.Metadata.Labels) && PodIdentity.OrdinalOf(set, pod.Key.Name) is not null);
        var mine = await claiming.ClaimAsync(ControllerIndex.Candidates<Pod>(pods, set, selector), cancellationToken);
        var update = await history.FollowTemplateAsync();

        // What pods are of until the update reaches them.
        var current = history.Find(set.Status?.CurrentRevision) ?? update;
        var now = client.Options.TimeProvider.GetUtcNow();
        var run = new StatefulSetRun(set, mine, current, update, history.Collisions ?? 0, new StatefulPods(client, claims, events, set, claiming.Reference, cancellationToken), now);
        try
        {
            await run.RunAsync();
        }
        finally
        {
            // How it stands is told whatever went wrong.
            await _statuses.WriteAsync(set, run.Status, cancellationToken);
        }

        await history.TruncateAsync([current.Key.Name, update.Key.Name, .. mine.Select(PodIdentity.RevisionOf)]);
        return run.Status.ReadyReplicas != run.Status.AvailableReplicas ? ReconcileResult.After(Availability.Next(mine, set.Spec.MinReadySeconds ?? 0, now)) : ReconcileResult.Done;
    }
}
