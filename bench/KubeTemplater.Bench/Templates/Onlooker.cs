using System.Collections.Concurrent;
using System.Diagnostics;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Resources;

namespace KubeTemplater.Bench.Templates;

/// <summary>Sees by a watch of its own when each template is completed that was noted to be made.</summary>
internal sealed class Onlooker : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, long> _open = new();
    private readonly ConcurrentBag<double> _took = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly KubeClient _client;
    private Task _watching = Task.CompletedTask;

    private Onlooker(KubeClient client) => _client = client;

    /// <summary>Templates that are made and not completed.</summary>
    public int Open => _open.Count;

    /// <summary>Milliseconds from before the creation to the sight of the status.</summary>
    public List<double> Took => [.. _took];

    public static async Task<Onlooker> StartAsync(BenchCluster cluster)
    {
        var onlooker = new Onlooker(cluster.NewClient("onlooker"));
        var informer = new Informer(onlooker._client, KubeTemplate.Resource, new() { Namespace = BenchCluster.Namespace });
        informer.AddHandler(onlooker.See);
        onlooker._watching = informer.RunAsync(onlooker._stop.Token);
        await informer.WaitForSyncAsync(onlooker._stop.Token);
        return onlooker;
    }

    public void Made(string name) => _open[name] = Stopwatch.GetTimestamp();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _client.Dispose();
    }

    private void See(CacheChange change)
    {
        if (change.New is { } live && live.Json.Span.IndexOf("\"processingPhase\":\"Completed\""u8) >= 0 && _open.TryRemove(live.Key.Name, out var since))
        {
            _took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
    }
}
