using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Probes;

/// <summary>Asks a container again and again as its manifest says: first whether it has started up, then whether it is ready and whether it lives.</summary>
/// <param name="container">Its manifest.</param>
/// <param name="target">Whom to ask.</param>
/// <param name="unhealthy">Told of each answer that is not good.</param>
/// <param name="time">Clock of the waits.</param>
/// <remarks>Otherwise than a kubelet, it looks more often than each period at first whether somebody serves already; those looks are not counted.</remarks>
internal sealed class ProbeRunner(Container container, ProbeTarget target, Action<string> unhealthy, TimeProvider time)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestLookout = TimeSpan.FromSeconds(10);

    private readonly long _start = time.GetTimestamp();

    /// <summary>Goes on until told to stop, or until the container must be ended.</summary>
    public async Task<Unhealthy?> RunAsync(Action<ContainerHealth> report, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            if (container.StartupProbe is { } startup)
            {
                report(new(Started: false, Ready: false));
                if (!await AskUntilAsync(startup, "Startup", good: true, bad: true, over.Token))
                {
                    return new("startup", GraceOf(startup));
                }
            }

            report(new(Started: true, Ready: container.ReadinessProbe is null));
            var readiness = container.ReadinessProbe is { } ready ? FollowAsync(ready, report, over.Token) : null;
            if (container.LivenessProbe is { } liveness)
            {
                await AskUntilAsync(liveness, "Liveness", good: false, bad: true, over.Token);
                return new("liveness", GraceOf(liveness));
            }

            await (readiness ?? Task.Delay(Timeout.InfiniteTimeSpan, time, over.Token));
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    private async Task FollowAsync(Probe probe, Action<ContainerHealth> report, CancellationToken stop)
    {
        var isReady = false;
        var wait = probe.InitialDelaySeconds ?? 0;
        while (true)
        {
            isReady = await AskUntilAsync(probe, "Readiness", good: !isReady, bad: isReady, stop, wait);
            report(new(Started: true, isReady));
            wait = PeriodOf(probe);
        }
    }

    /// <summary>Asks until as many answers in a row as it takes are good, or not good, whichever of the two counts.</summary>
    /// <returns>Whether they were good.</returns>
    private async Task<bool> AskUntilAsync(Probe probe, string kind, bool good, bool bad, CancellationToken stop, int? firstWait = null)
    {
        var (inRow, wasGood) = (0, false);
        var wait = firstWait ?? probe.InitialDelaySeconds ?? 0;
        while (true)
        {
            await PauseAsync(probe, TimeSpan.FromSeconds(Math.Max(0, wait)), looksOut: good && inRow > 0 && !wasGood, stop);
            var answer = await target.AskAsync(probe, time, stop);
            wait = PeriodOf(probe);
            if (answer.IsUnknown)
            {
                unhealthy($"{kind} probe errored and resulted in unknown state: {answer.Output}");
                continue;
            }

            if (!answer.IsGood)
            {
                unhealthy($"{kind} probe failed: {answer.Output}");
            }

            (inRow, wasGood) = (answer.IsGood == wasGood ? inRow + 1 : 1, answer.IsGood);
            if ((wasGood && good && inRow >= Math.Max(1, probe.SuccessThreshold ?? 1)) || (!wasGood && bad && inRow >= Math.Max(1, probe.FailureThreshold ?? 3)))
            {
                return wasGood;
            }
        }
    }

    /// <summary>Waits until the next question is due, or is known to be answered well: programs that have just started come to serve at any time.</summary>
    private async Task PauseAsync(Probe probe, TimeSpan wait, bool looksOut, CancellationToken stop)
    {
        var asked = time.GetTimestamp();
        while (looksOut && probe.Exec is null && time.GetElapsedTime(asked) + BetweenLooks < wait && time.GetElapsedTime(_start) < LongestLookout)
        {
            await Task.Delay(BetweenLooks, time, stop);
            if ((await target.AskAsync(probe, time, stop)).IsGood)
            {
                return;
            }
        }

        var left = wait - time.GetElapsedTime(asked);
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, stop);
    }

    private static int PeriodOf(Probe probe) => Math.Max(1, probe.PeriodSeconds ?? 10);

    private static TimeSpan? GraceOf(Probe probe) => probe.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue)) : null;
}
