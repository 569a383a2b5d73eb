using Capstan.Watching;

namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>Watches the metadata of one resource and tells the graph, until it is stopped.</summary>
internal sealed class ResourceMonitor : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly OwnerGraph _graph;
    private readonly Action<ResourceType> _changed;
    private readonly Task _running;
    private volatile bool _isCurrent;

    /// <summary>Starts to watch.</summary>
    /// <param name="client">Watches.</param>
    /// <param name="type">The resource.</param>
    /// <param name="graph">Is told.</param>
    /// <param name="changed">Called after the graph was told something.</param>
    public ResourceMonitor(KubeClient client, ResourceType type, OwnerGraph graph, Action<ResourceType> changed)
    {
        Type = type;
        _graph = graph;
        _changed = changed;
        _running = RunAsync(new Watcher(client, type, new WatcherOptions { MetadataOnly = true }));
    }

    public ResourceType Type { get; }

    /// <summary>Whether the graph has all objects of the resource, and the watch of their changes stands.</summary>
    public bool IsCurrent => _isCurrent;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(Watcher watcher)
    {
        await foreach (var happened in watcher.RunAsync(_stop.Token))
        {
            switch (happened.Kind)
            {
                case WatchEventKind.Restarted:
                    _graph.Replace(Type.GroupResource, [.. happened.Objects!.Select(found => OwnedObject.From(Type, found))]);
                    break;
                case WatchEventKind.Applied:
                    _graph.Put(OwnedObject.From(Type, happened.Object!));
                    break;
                case WatchEventKind.Deleted:
                    _graph.Remove(happened.Object!.Uid ?? "");
                    break;
            }

            _isCurrent = happened.Kind != WatchEventKind.Interrupted;
            _changed(Type);
        }
    }
}
