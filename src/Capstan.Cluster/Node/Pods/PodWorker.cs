using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Events;

namespace Capstan.Cluster.Node.Pods;

/// <summary>
/// Runs one pod from when it comes to the node until it is gone from the server:
/// 1. its init containers, one after the other; sidecars among them go on;
/// 2. its containers, side by side;
/// 3. when they have ended, or are to end: the sidecars, in reverse order;
/// 4. the last status; and when the pod is to be deleted, the deletion, which is the node's to do.
/// </summary>
internal sealed class PodWorker
{
    private static readonly TimeSpan ForcedGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DeletionRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);

    private readonly NodeParts _parts;
    private readonly Termination _termination;
    private readonly StatusPublisher _publisher;
    private readonly CancellationTokenSource _removed = new();
    private readonly CancellationTokenSource _deletionAsked = new();
    private volatile bool _nodeStops;

    public PodWorker(Pod pod, NodeParts parts)
    {
        _parts = parts;
        Record = new(pod, parts.Addresses.Take(pod.Status?.PodIP), parts.Time.GetUtcNow());
        _termination = new(parts.Time);
        _publisher = new(parts.Client, Record, parts.Logger);
        Ended = Task.Run(RunAsync);
    }

    public PodRecord Record { get; }

    /// <summary>Done when nothing of it runs and nothing is left to do for it. Never faults.</summary>
    public Task Ended { get; }

    private TimeSpan Grace => Seconds(Record.Pod.Spec.TerminationGracePeriodSeconds ?? 30);

    /// <summary>Takes a newer state of the pod.</summary>
    public void Update(Pod pod)
    {
        Record.Update(pod);
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            _termination.Ask(Seconds(pod.Metadata.DeletionGracePeriodSeconds ?? 30));
            _deletionAsked.Cancel();
        }
    }

    /// <summary>The pod is gone from the server: whatever runs of it ends soon.</summary>
    public void Remove()
    {
        _termination.Ask(ForcedGrace);
        _removed.Cancel();
    }

    /// <summary>The node stops: the pod stays, and comes back with it.</summary>
    public void StopWithNode()
    {
        _nodeStops = true;

        // What is ended before it was done must not pass for done.
        if (Record.Pod.Spec.RestartPolicy is "Never" or "OnFailure" && Record.Containers.Any(container => container.Facts.State.Terminated is null))
        {
            Record.Fail("Terminated", "Pod was terminated in response to imminent node shutdown.");
        }

        _termination.Ask(Grace < _parts.StopTimeout ? Grace : _parts.StopTimeout);
        _removed.Cancel();
    }

    private async Task RunAsync()
    {
        using var publishStop = new CancellationTokenSource();
        var publishing = _publisher.RunAsync(publishStop.Token);
        Update(Record.Pod);
        if (!Record.Pod.HasEnded)
        {
            await LiveThroughFaultsAsync();
        }

        await ReleaseAsync();

        if (!_nodeStops)
        {
            Record.MarkTerminal();
            await ((Task)Task.Delay(Timeout.InfiniteTimeSpan, _parts.Time, _deletionAsked.Token)).WaitAsync(_removed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await EndAsync();
        }
        else
        {
            await TellLastAsync();
        }

        await publishStop.CancelAsync();
        await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _parts.Addresses.Return(Record.Address);
        if (!_nodeStops)
        {
            _parts.Directories.Delete(Record.Uid);
        }

        _termination.Dispose();
    }

    /// <summary>What nobody thought of fails this pod and no other, is told, and is tried again ever more rarely.</summary>
    private async Task LiveThroughFaultsAsync()
    {
        for (var wait = FirstRetry; ; wait = wait * 2 > LastRetry ? LastRetry : wait * 2)
        {
            try
            {
                await LiveAsync();
                return;
            }
            catch (Exception fault)
            {
                Log.PodFailed(_parts.Logger, Record.Key.ToString(), wait, fault);
                _parts.Events.Warning(EventSubject.Of(Record.Pod), "FailedSync", $"error syncing pod, skipping: {fault.Message}");
                await Task.Delay(wait, _parts.Time, _termination.Asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_termination.Asked.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    /// <summary>With the node, the pod is not ready any more; others should see it if the server is still there.</summary>
    private async Task TellLastAsync()
    {
        using var patience = new CancellationTokenSource(LastWord, _parts.Time);
        try
        {
            await _publisher.PublishAsync(patience.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException || StatusPublisher.IsPassing(fault))
        {
            // The next node tells it.
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await _parts.Engine.ReleaseAsync(Record);
        }
        catch (Exception fault)
        {
            // Nothing of it runs: its end is not held up.
            Log.WorkerFailed(_parts.Logger, Record.Key.ToString(), fault);
        }
    }

    private async Task LiveAsync()
    {
        using var deadlineStop = new CancellationTokenSource();
        var deadline = WatchDeadlineAsync(deadlineStop.Token);
        var sidecars = new Stack<(ContainerRecord Record, Termination Termination, Task Running)>();
        try
        {
            if (await InitializeAsync(sidecars))
            {
                await Task.WhenAll(Record.Containers.Select(container => LoopOf(container).RunAsync(_termination)));
            }
        }
        finally
        {
            await EndSidecarsAsync(sidecars);
            await deadlineStop.CancelAsync();
            await deadline;
        }
    }

    /// <summary>What ends by itself leaves its sidecars the whole grace, what is ended the rest of it.</summary>
    private async Task EndSidecarsAsync(Stack<(ContainerRecord Record, Termination Termination, Task Running)> sidecars)
    {
        while (sidecars.TryPop(out var sidecar))
        {
            sidecar.Termination.Ask(_termination.Left ?? Grace);
            await using (_termination.Overdue.Register(() => sidecar.Termination.Ask(TimeSpan.Zero)))
            {
                await sidecar.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            sidecar.Termination.Dispose();
        }
    }

    /// <returns>Whether the containers may run.</returns>
    private async Task<bool> InitializeAsync(Stack<(ContainerRecord, Termination, Task)> sidecars)
    {
        foreach (var container in Record.InitContainers)
        {
            var loop = LoopOf(container);
            if (container.IsSidecar)
            {
                var own = new Termination(_parts.Time);
                var running = loop.RunAsync(own);
                sidecars.Push((container, own, running));
                await ((Task)Task.WhenAny(loop.Started, running)).WaitAsync(_termination.Asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else
            {
                await loop.RunAsync(_termination);
                if (container.Facts.State.Terminated is not { ExitCode: 0 })
                {
                    return false;
                }
            }

            if (_termination.Asked.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    private async Task WatchDeadlineAsync(CancellationToken stop)
    {
        if (Record.Pod.Spec.ActiveDeadlineSeconds is not { } seconds)
        {
            return;
        }

        var left = Record.StartTime + Seconds(seconds) - _parts.Time.GetUtcNow();
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _parts.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested && !_termination.Asked.IsCancellationRequested)
        {
            const string Message = "Pod was active on the node longer than the specified deadline";
            Record.Fail("DeadlineExceeded", Message);
            _parts.Events.Normal(EventSubject.Of(Record.Pod), "DeadlineExceeded", Message);
            _termination.Ask(Grace);
        }
    }

    /// <summary>Tells the last state, deletes the pod, and waits until it is gone: something else may hold it.</summary>
    private async Task EndAsync()
    {
        while (!_removed.IsCancellationRequested)
        {
            try
            {
                await _publisher.PublishAsync(_removed.Token);
                var left = await _parts.Client.DeleteAsync(Pod.Resource, Record.Key, new DeleteOptions { Uid = Record.Uid, GracePeriodSeconds = 0 }, _removed.Token);
                if (left is null)
                {
                    return;
                }

                await Task.Delay(Timeout.InfiniteTimeSpan, _parts.Time, _removed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (ApiException error) when (error.IsNotFound || error.IsConflict)
            {
                return;
            }
            catch (OperationCanceledException) when (_removed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                if (!StatusPublisher.IsPassing(fault))
                {
                    Log.PodFailed(_parts.Logger, Record.Key.ToString(), DeletionRetry, fault);
                }

                await Task.Delay(DeletionRetry, _parts.Time, _removed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private ContainerLoop LoopOf(ContainerRecord container) => new(Record, container, _parts.Engine, _parts.Events, _parts.Time, _parts.Logger);

    private static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue));
}
