using Capstan.Cluster.Kinds;
using Capstan.Testing;
using Capstan.Watching;

namespace Capstan.Cluster.Tests.Workloads;

/// <summary>Every state that the pods of a namespace were in, one after the other, as the watch tells them.</summary>
internal sealed class PodHistory : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<IReadOnlyDictionary<string, Pod>> _states = [];
    private readonly KubeClient _client;
    private readonly string _namespace;
    private readonly Task _running;

    private PodHistory(KubeClient client, string @namespace)
    {
        _client = client;
        _namespace = @namespace;
        _running = RunAsync();
    }

    public static async Task<PodHistory> BeginAsync(KubeClient client, string @namespace, CancellationToken cancellationToken)
    {
        var history = new PodHistory(client, @namespace);
        await history._began.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
        return history;
    }

    /// <summary>The states so far, by name of the pods; at least all up to what the server has now.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, Pod>>> ReadAsync(CancellationToken cancellationToken)
    {
        var now = (await _client.ListAsync<Pod>(new ListOptions { Namespace = _namespace }, cancellationToken)).Items.ToDictionary(pod => pod.Metadata.Uid!, pod => pod.Metadata.ResourceVersion);
        return await Eventually.SeeAsync(
            "the watch to come to now",
            _ =>
            {
                lock (_lock)
                {
                    return Task.FromResult<IReadOnlyList<IReadOnlyDictionary<string, Pod>>>([.. _states]);
                }
            },
            states => states.Any(state => state.Count == now.Count && state.Values.All(pod => now.TryGetValue(pod.Metadata.Uid!, out var version) && version == pod.Metadata.ResourceVersion)),
            TimeSpan.FromMinutes(1), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var pods = new Dictionary<string, Pod>();
        await foreach (var happened in new Watcher(_client, Pod.Resource, new WatcherOptions { Namespace = _namespace }).RunAsync(_stop.Token))
        {
            switch (happened.Kind)
            {
                case WatchEventKind.Restarted:
                    pods = happened.Objects!.ToDictionary(pod => pod.Key.Name, pod => pod.To<Pod>());
                    break;
                case WatchEventKind.Applied:
                    pods[happened.Object!.Key.Name] = happened.Object.To<Pod>();
                    break;
                case WatchEventKind.Deleted:
                    pods.Remove(happened.Object!.Key.Name);
                    break;
                default:
                    continue;
            }

            lock (_lock)
            {
                _states.Add(new Dictionary<string, Pod>(pods));
            }

            _began.TrySetResult();
        }
    }
}
