using System.Runtime.ExceptionServices;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>One pass over the ordinals of a set. In order: each waits for the one before it, up when pods are made, down when they go. In parallel: none waits.</summary>
internal sealed class StatefulSetRun
{
    private readonly StatefulSet _set;
    private readonly ControllerRevision _update;
    private readonly StatefulPods _pods;
    private readonly DateTimeOffset _now;
    private readonly int _minReadySeconds;
    private readonly bool _inOrder;

    // By ordinal from the first; one that is not there yet is as it is to be made.
    private readonly Pod[] _replicas;

    // Beyond the ordinals of the set, the highest first.
    private readonly List<Pod> _condemned;

    public StatefulSetRun(
        StatefulSet set, IReadOnlyList<Pod> pods, ControllerRevision current, ControllerRevision update, int collisions, StatefulPods podWrites, DateTimeOffset now)
    {
        _set = set;
        _update = update;
        _pods = podWrites;
        _now = now;
        _minReadySeconds = set.Spec.MinReadySeconds ?? 0;
        _inOrder = set.Spec.PodManagementPolicy != "Parallel";
        var ordinals = new SetOrdinals(set.Spec);
        var byOrdinal = pods.ToDictionary(pod => PodIdentity.OrdinalOf(set, pod.Key.Name)!.Value);
        var identity = new PodIdentity(set, podWrites.Reference);
        _replicas = [.. ordinals.All.Select(ordinal => byOrdinal.GetValueOrDefault(ordinal) ?? identity.NewPod(ordinal, ordinals.IsCurrent(ordinal) ? current : update))];
        _condemned = [.. byOrdinal.Where(pod => !ordinals.Contains(pod.Key)).OrderByDescending(static pod => pod.Key).Select(static pod => pod.Value)];
        Status = Count(pods, current, collisions);
    }

    /// <summary>How the set stands before this pass; only what it deletes for an update counts at once.</summary>
    public StatefulSetStatus Status { get; }

    public async Task RunAsync()
    {
        if (_set.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        // Scaling comes before an update, and filling up before emptying.
        var first = FirstUnavailable();
        if (await ForAllAsync(_replicas, KeepAsync)
            && await ForAllAsync(_condemned, _pods.KeepClaimsAsync)
            && await ForAllAsync(_condemned, pod => CondemnAsync(pod, pod == first))
            && _set.Spec.UpdateStrategy?.Type != "OnDelete")
        {
            await UpdateAsync();
        }
    }

    private static bool IsCreated(Pod pod) => !string.IsNullOrEmpty(pod.Status?.Phase);

    private static bool IsRunningAndReady(Pod pod) => pod.Status?.Phase == "Running" && pod.IsReady;

    private bool IsAvailable(Pod pod) => pod.IsAvailable(_minReadySeconds, _now);

    private bool IsUnavailable(Pod pod) => !IsAvailable(pod) || pod.Metadata.DeletionTimestamp is not null;

    private Pod? FirstUnavailable() => _replicas.Concat(Enumerable.Reverse(_condemned)).FirstOrDefault(IsUnavailable);

    /// <returns>Whether the pass goes on.</returns>
    private async Task<bool> ForAllAsync(IReadOnlyList<Pod> pods, Func<Pod, Task<bool>> step)
    {
        if (!_inOrder)
        {
            return await InParallelAsync(pods, step);
        }

        foreach (var pod in pods)
        {
            if (!await step(pod))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<bool> InParallelAsync(IReadOnlyList<Pod> pods, Func<Pod, Task<bool>> step)
    {
        var next = -1;
        if (await SlowStart.RunAsync(pods.Count, () => step(pods[Interlocked.Increment(ref next)])) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return true;
    }

    /// <returns>Whether the next ordinal may follow.</returns>
    private async Task<bool> KeepAsync(Pod pod)
    {
        if (!IsCreated(pod))
        {
            if (!_pods.HasClaimOfAnother(pod))
            {
                await _pods.CreateAsync(pod);
            }

            return false;
        }

        if (pod.HasEnded)
        {
            // Its place is taken by another one once it is gone.
            if (pod.Metadata.DeletionTimestamp is null)
            {
                await _pods.DeleteAsync(pod);
            }

            return false;
        }

        if (pod.Status?.Phase == "Pending")
        {
            await _pods.CreateMissingClaimsAsync(pod);
        }

        if (_inOrder && (pod.Metadata.DeletionTimestamp is not null || !IsRunningAndReady(pod) || !IsAvailable(pod)))
        {
            return false;
        }

        await _pods.RepairAsync(pod);
        return true;
    }

    /// <returns>Whether the next lower ordinal may follow.</returns>
    private async Task<bool> CondemnAsync(Pod pod, bool isFirstUnavailable)
    {
        if (pod.Metadata.DeletionTimestamp is null && (!_inOrder || isFirstUnavailable || (IsRunningAndReady(pod) && IsAvailable(pod))))
        {
            await _pods.DeleteAsync(pod);
        }

        return false;
    }

    /// <summary>Deletes the highest ordinal that is not of the new revision, once all above it are and are available.</summary>
    private async Task UpdateAsync()
    {
        var partition = _set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0;
        for (var i = _replicas.Length - 1; i >= partition; i--)
        {
            var pod = _replicas[i];
            if (PodIdentity.RevisionOf(pod) != _update.Key.Name && pod.Metadata.DeletionTimestamp is null)
            {
                await _pods.DeleteAsync(pod);
                Status.CurrentReplicas--;
                return;
            }

            if (IsUnavailable(pod))
            {
                return;
            }
        }
    }

    private StatefulSetStatus Count(IReadOnlyList<Pod> pods, ControllerRevision current, int collisions)
    {
        var alive = pods.Where(static pod => IsCreated(pod) && pod.Metadata.DeletionTimestamp is null).Select(PodIdentity.RevisionOf).ToList();
        return new()
        {
            ObservedGeneration = _set.Metadata.Generation ?? 0,
            Replicas = pods.Count(IsCreated),
            ReadyReplicas = pods.Count(IsRunningAndReady),
            AvailableReplicas = pods.Count(pod => IsRunningAndReady(pod) && IsAvailable(pod)),
            CurrentReplicas = alive.Count(revision => revision == current.Key.Name),
            UpdatedReplicas = alive.Count(revision => revision == _update.Key.Name),
            CurrentRevision = current.Key.Name,
            UpdateRevision = _update.Key.Name,
            CollisionCount = collisions,
        };
    }
}
