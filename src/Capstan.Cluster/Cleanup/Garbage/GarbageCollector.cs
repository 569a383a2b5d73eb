using System.Diagnostics.Metrics;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>Deletes what nobody owns any more, and sees deletions through that wait for dependants.</summary>
/// <remarks>
/// Flow: 1. monitors watch the metadata of everything; 2. the graph keeps who owns whom, and names the objects that a change concerns;
/// 3. workers look at each of them on the server and do what is to be done. All state is the server's: a restart begins at 1.
/// </remarks>
internal sealed class GarbageCollector
{
    private const int Workers = 8;

    // An owner of an unknown kind is asked for again and again: its definition may come.
    private static readonly ExponentialBackoff Backoff = new(maximum: TimeSpan.FromMinutes(1));

    private readonly WorkQueue<string> _queue;
    private readonly ResourceMonitors _monitors;
    private readonly ObjectSweep _sweep;
    private readonly ILogger _logger;

    private GarbageCollector(KubeClient client, Meter meter, ILogger logger)
    {
        _logger = logger;
        _queue = new(new() { Name = "garbage_collector", RateLimiter = Backoff, TimeProvider = client.Options.TimeProvider, Meter = meter });
        var absent = new AbsentOwners();
        var graph = new OwnerGraph(uid => _queue.Add(uid), absent);
        _monitors = new(client, graph, logger);
        _sweep = new(client, graph, absent, () => _monitors.AreCurrent, uid => _queue.Add(uid));
    }

    public static void AddTo(OperatorBuilder builder, ILoggerFactory logs) =>
        builder.AddRunnable(stop => new GarbageCollector(builder.Client, builder.Meter, logs.CreateLogger("capstan.garbage-collector")).RunAsync(stop));

    private async Task RunAsync(CancellationToken stop)
    {
        using var end = stop.UnsafeRegister(static queue => ((WorkQueue<string>)queue!).ShutDown(), _queue);
        await Task.WhenAll([_monitors.RunAsync(stop), .. Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(stop), CancellationToken.None))]);
    }

    private async Task WorkAsync(CancellationToken stop)
    {
        while (await _queue.GetAsync(CancellationToken.None) is { HasKey: true } item)
        {
            await SweepAsync(item.Key, stop);
        }
    }

    /// <summary>One look: whatever comes out of it, the object goes back to the queue and no other one is touched.</summary>
    private async Task SweepAsync(string uid, CancellationToken stop)
    {
        try
        {
            if (await _sweep.RunAsync(uid, stop))
            {
                _queue.Forget(uid);
            }
            else
            {
                _queue.AddRateLimited(uid);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The next start finds the object as it is.
        }
        catch (Exception error)
        {
            Log.SweepFailed(_logger, uid, error);
            _queue.AddRateLimited(uid);
        }
        finally
        {
            _queue.Done(uid);
        }
    }
}
