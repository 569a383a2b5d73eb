using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Events;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node.Containers;

/// <summary>The life of one container: start, watch, end, and again as its pod's policy says.</summary>
internal sealed class ContainerLoop(PodRecord pod, ContainerRecord container, IContainerEngine engine, PodEvents events, TimeProvider time, ILogger logger)
{
    // When a kubelet looks again for what a container lacks.
    private static readonly TimeSpan ConfigRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstMountRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastMountRetry = TimeSpan.FromMinutes(2);

    private readonly RestartBackoff _backoff = new();
    private TimeSpan _mountRetry = FirstMountRetry;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the container has started up for the first time.</summary>
    public Task Started => _started.Task;

    private EventSubject Subject => EventSubject.Of(pod.Pod, container.Name, container.IsInit);

    /// <summary>Runs it until it ends for good, or was ended as asked.</summary>
    public async Task RunAsync(Termination termination)
    {
        while (!termination.Asked.IsCancellationRequested && !IsDone)
        {
            var begun = time.GetUtcNow();
            if (await TryStartAsync(termination) is { } run)
            {
                begun = time.GetUtcNow();
                await using (run)
                {
                    await AttendAsync(run, termination);
                }
            }

            if (!termination.Asked.IsCancellationRequested && container.Facts.State.Terminated is not null && !IsDone)
            {
                await WaitForRestartAsync(_backoff.After(time.GetUtcNow() - begun), termination);
            }
        }
    }

    /// <summary>It ended, and is not to be started again.</summary>
    private bool IsDone => container.Facts.State.Terminated is { } end && !RestartRule.Restarts(pod.Pod, container, end.ExitCode);

    private async Task<IContainerRun?> TryStartAsync(Termination termination)
    {
        var before = container.Facts;
        var restarts = before.ContainerId is null ? before.RestartCount : before.RestartCount + 1;
        try
        {
            var starting = engine.StartAsync(new(pod, container, restarts), termination.Asked);
            if (!starting.IsCompleted)
            {
                pod.Touch();
            }

            var run = await starting;
            container.Run = run;
            container.Facts = new()
            {
                State = new() { Running = new() { StartedAt = time.GetUtcNow() } },
                LastState = before.State.Terminated is { } end ? new() { Terminated = end } : before.LastState,
                RestartCount = restarts,
                ContainerId = $"capstan://{run.Id}",
            };
            events.Normal(Subject, "Pulled", $"Container image \"{container.Spec.Image}\" already present on machine and can be accessed by the pod");
            events.Normal(Subject, "Created", "Container created");
            events.Normal(Subject, "Started", "Container started");
            return run;
        }
        catch (OperationCanceledException) when (termination.Asked.IsCancellationRequested)
        {
            return null;
        }
        catch (ContainerConfigException lack)
        {
            container.Facts = before with { State = new() { Waiting = new() { Reason = "CreateContainerConfigError", Message = lack.Message } }, Started = false, Ready = false, LastState = LastOf(before) };
            events.Warning(Subject, "Failed", $"Error: {lack.Message}");
            await pod.WaitForChangeAsync(ConfigRetry, time, termination.Asked);
            return null;
        }
        catch (VolumeException lack)
        {
            events.Warning(EventSubject.Of(pod.Pod), "FailedMount", lack.Message);
            await pod.WaitForChangeAsync(_mountRetry, time, termination.Asked);
            _mountRetry = _mountRetry * 2 > LastMountRetry ? LastMountRetry : _mountRetry * 2;
            return null;
        }
        catch (Exception fault)
        {
            // A manifest that nobody thought of fails its own container, and nothing else.
            var now = time.GetUtcNow();
            container.Facts = before with
            {
                State = new() { Terminated = new() { ExitCode = 128, Reason = "StartError", Message = fault.Message, StartedAt = DateTimeOffset.UnixEpoch, FinishedAt = now } },
                LastState = LastOf(before), RestartCount = restarts, ContainerId = before.ContainerId ?? "", Started = false, Ready = false,
            };
            events.Warning(Subject, "Failed", $"Error: {fault.Message}");
            return null;
        }
    }

    private async Task AttendAsync(IContainerRun run, Termination termination)
    {
        using var healthStop = new CancellationTokenSource();
        var health = WatchAsync(run, healthStop.Token);
        await ((Task)Task.WhenAny(run.Ended, health)).WaitAsync(termination.Asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!run.Ended.IsCompleted)
        {
            if (termination.Asked.IsCancellationRequested)
            {
                events.Normal(Subject, "Killing", $"Stopping container {container.Name}");
                await StopAsync(run, termination);
            }
            else if (await health is { } why)
            {
                events.Normal(Subject, "Killing", $"Container {container.Name} failed {why.Probe}, will be restarted");
                using var own = new Termination(time);
                own.Ask(why.Grace ?? Grace);
                await using var sooner = termination.Overdue.Register(() => own.Ask(TimeSpan.Zero));
                await StopAsync(run, own);
            }
        }

        var exit = await run.Ended;
        await healthStop.CancelAsync();
        await health;
        container.Run = null;
        var before = container.Facts;
        container.Facts = before with
        {
            State = new()
            {
                Terminated = new()
                {
                    ExitCode = exit.Code, Reason = exit.Reason, Message = exit.Message, StartedAt = before.State.Running?.StartedAt, FinishedAt = time.GetUtcNow(), ContainerID = before.ContainerId,
                },
            },
            Started = false,
            Ready = container is { IsInit: true, IsSidecar: false } && exit.Code == 0,
        };
    }

    /// <summary>Never faults: a container that cannot be watched is ended, and has another try.</summary>
    private async Task<Unhealthy?> WatchAsync(IContainerRun run, CancellationToken stop)
    {
        try
        {
            return await HookThenHealthAsync(run, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception fault)
        {
            Log.ContainerFailed(logger, pod.Key.ToString(), container.Name, fault);
            events.Warning(Subject, "FailedSync", $"error syncing pod, skipping: {fault.Message}");
            return new("to be watched", null);
        }
    }

    private TimeSpan Grace => pod.Pod.Spec.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : DefaultGrace;

    private async Task<Unhealthy?> HookThenHealthAsync(IContainerRun run, CancellationToken stop)
    {
        if (container.Spec.Lifecycle?.PostStart is { } hook && await run.RunHookAsync(hook, stop) is { } fault)
        {
            events.Warning(Subject, "FailedPostStartHook", $"PostStartHook failed: {fault}");
            return new("PostStartHook", null);
        }

        var why = await run.WatchHealthAsync(Report, stop);
        return why is null ? null : why with { Probe = $"{why.Probe} probe" };
    }

    private void Report(ContainerHealth health)
    {
        var before = container.Facts;
        if (before.State.Running is not null)
        {
            container.Facts = before with { Started = health.Started, Ready = health.Ready && container is not { IsInit: true, IsSidecar: false } };
            if (health.Started)
            {
                _started.TrySetResult();
            }
        }
    }

    private async Task StopAsync(IContainerRun run, Termination termination)
    {
        if (container.Spec.Lifecycle?.PreStop is { } hook && !termination.Overdue.IsCancellationRequested && await RunPreStopAsync(run, hook, termination.Overdue) is not null)
        {
            events.Warning(Subject, "FailedPreStopHook", "PreStopHook failed");
        }

        run.Terminate();
        await ((Task)run.Ended).WaitAsync(termination.Overdue).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!run.Ended.IsCompleted)
        {
            run.Kill();
            await run.Ended;
        }
    }

    private static async Task<string?> RunPreStopAsync(IContainerRun run, LifecycleHandler hook, CancellationToken overdue)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(overdue);
        var hooked = run.RunHookAsync(hook, ended.Token);
        await Task.WhenAny(hooked, run.Ended);
        await ended.CancelAsync();
        try
        {
            return await hooked;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception fault)
        {
            // Whatever it was, the container is to end.
            return fault.Message;
        }
    }

    private async Task WaitForRestartAsync(TimeSpan wait, Termination termination)
    {
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        var before = container.Facts;
        var message = $"back-off {GoDuration.Format(wait)} restarting failed container={container.Name} pod={pod.Pod.Metadata.Name}_{pod.Pod.Metadata.Namespace}({pod.Uid})";
        container.Facts = before with { State = new() { Waiting = new() { Reason = "CrashLoopBackOff", Message = message } }, LastState = LastOf(before) };
        events.Warning(Subject, "BackOff", $"Back-off restarting failed container {container.Name} in pod {pod.Pod.Metadata.Name}_{pod.Pod.Metadata.Namespace}({pod.Uid})");
        await Task.Delay(wait, time, termination.Asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static ContainerState? LastOf(ContainerFacts facts) => facts.State.Terminated is { } end ? new() { Terminated = end } : facts.LastState;
}
