using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Hashes;
using Capstan.Cluster.Workloads.Revisions;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.DaemonSets;

/// <summary>One look at a DaemonSet: its revisions, a pod for each node that wants one, its status.</summary>
internal sealed class DaemonSetReconciler(KubeClient client, Informer sets, Informer pods, Informer revisions, Informer nodes, ComponentEvents events) : Reconciler
{
    // More in one look would keep a worker from the other sets.
    private const int Burst = 250;

    private static readonly WriteOptions StatusWrites = new() { FieldManager = NamespaceController.Manager, Subresource = "status" };

    private readonly PodWrites _podWrites = new(client, events);
    private readonly FailedPods _failed = new(client.Options.TimeProvider);

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (sets.CacheOf<DaemonSet>().Get(key) is not { Metadata.DeletionTimestamp: null } set)
        {
            return ReconcileResult.Done;
        }

        try
        {
            return await ReconcileAsync(set, set.Spec.Selector?.Selector ?? LabelSelector.Nothing, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || FailureText.IsOfEndingNamespace(error))
        {
            // It is gone, or will be: the watch tells.
            return ReconcileResult.Done;
        }
        catch (Exception error) when (error is PodDeletionException or ApiException { IsConflict: true } or ApiException { IsAlreadyExists: true } or ApiException { IsForbidden: true } or ApiException { IsInvalid: true })
        {
            // Another wrote first, or the server will have none of it; an event of the set says what.
            return ReconcileResult.Requeue;
        }
    }

    private async Task<ReconcileResult> ReconcileAsync(DaemonSet set, LabelSelector selector, CancellationToken cancellationToken)
    {
        if (selector.IsEmpty)
        {
            events.Warning(set, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
            return ReconcileResult.Done;
        }

        var owner = new RevisionOwner(
            set, DaemonSet.Resource, set.Spec.Template, set.Spec.RevisionHistoryLimit, set.Status?.CollisionCount, DaemonPod.HashLabel,
            (_, collisions) => SafeHash.OfTemplate(GoDump.Of(TemplateText.Plain(TemplateText.Fields(set.Spec.Template))), collisions));
        var history = await RevisionHistory.ReadAsync(client, revisions, owner, selector, cancellationToken);
        var claiming = new Claiming<Pod>(client, DaemonSet.Resource, set, pod => selector.Matches(pod.Metadata.Labels));
        var mine = await claiming.ClaimAsync(ControllerIndex.Candidates<Pod>(pods, set, selector), cancellationToken);
        var update = await history.FollowTemplateAsync();
        var hash = update.Metadata.Labels?.GetValueOrDefault(DaemonPod.HashLabel) ?? "";
        var now = client.Options.TimeProvider.GetUtcNow();
        var pod = new DaemonPod(set, hash);
        var run = new DaemonRun(set, pod, hash, nodes.Cache.List(), mine, now);
        var status = run.Status(history.Collisions);
        TimeSpan wait;
        try
        {
            wait = await CarryOutAsync(set, pod, run, claiming.Reference, cancellationToken);
            await history.TruncateAsync([update.Key.Name, .. mine.Select(one => RevisionData.Name(set, one.Metadata.Labels?.GetValueOrDefault(DaemonPod.HashLabel) ?? ""))]);
        }
        finally
        {
            // How it stands is told whatever went wrong.
            await WriteStatusAsync(set, status, cancellationToken);
        }

        if (status.NumberReady != status.NumberAvailable)
        {
            var available = Availability.Next(mine, set.Spec.MinReadySeconds ?? 0, now);
            wait = wait == TimeSpan.Zero || available < wait ? available : wait;
        }

        return wait > TimeSpan.Zero ? ReconcileResult.After(wait) : ReconcileResult.Done;
    }

    /// <returns>When to look again for what failed; zero: not for that.</returns>
    private async Task<TimeSpan> CarryOutAsync(DaemonSet set, DaemonPod pod, DaemonRun run, OwnerReference reference, CancellationToken cancellationToken)
    {
        var (delete, wait) = (run.Delete.ToList(), TimeSpan.Zero);
        foreach (var (ended, node) in run.Ended)
        {
            if (ended.Status?.Phase == "Succeeded")
            {
                events.Normal(set, "SucceededDaemonPod", $"Found succeeded daemon pod {ended.Key} on node {node}, will try to delete it");
            }
            else if (_failed.Try(set.Metadata.Uid!, set.Metadata.Generation ?? 0, node) is { Ticks: > 0 } left)
            {
                wait = wait == TimeSpan.Zero || left < wait ? left : wait;
                continue;
            }
            else
            {
                events.Warning(set, "FailedDaemonPod", $"Found failed daemon pod {ended.Key} on node {node}, will try to kill it");
            }

            delete.Add(ended);
        }

        var next = -1;
        var failure = await SlowStart.RunAsync(
            Math.Min(run.Create.Count, Burst),
            () => _podWrites.CreateAsync(set, pod.TemplateFor(run.Create[Interlocked.Increment(ref next)]), reference, cancellationToken));
        await Task.WhenAll(delete.Take(Burst).Select(one => _podWrites.DeleteAsync(set, one, cancellationToken)));
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        return run.Create.Count > Burst || delete.Count > Burst ? TimeSpan.FromMilliseconds(1) : wait;
    }

    private async Task WriteStatusAsync(DaemonSet set, DaemonSetStatus status, CancellationToken cancellationToken)
    {
        if (set.Status is { } known && known with { UnknownFields = null } == status)
        {
            return;
        }

        var wanted = set with { Status = status };
        await client.RetryOnConflictAsync(
            async token =>
            {
                try
                {
                    return await client.UpdateAsync(wanted, StatusWrites, token);
                }
                catch (ApiException error) when (error.IsConflict)
                {
                    // The next try is over what it is now; another one of the name has a status of its own.
                    var live = await client.GetAsync<DaemonSet>(set.Key, token);
                    wanted = live.Metadata.Uid == set.Metadata.Uid ? live with { Status = status } : wanted;
                    throw;
                }
            },
            cancellationToken);
    }
}
