using Capstan.Watching;

namespace Capstan.Cluster.Cleanup;

/// <summary>Watches one resource until it is stopped.</summary>
internal sealed class ResourceMonitor : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<ResourceType, WatchEvent> _tell;
    private readonly Task _running;
    private volatile bool _isCurrent;

    /// <summary>Starts to watch.</summary>
    /// <param name="client">Watches.</param>
    /// <param name="type">The resource.</param>
    /// <param name="tell">Is told of everything that happens, one after the other.</param>
    /// <param name="metadataOnly">Whether objects are told without spec and status.</param>
    public ResourceMonitor(KubeClient client, ResourceType type, Action<ResourceType, WatchEvent> tell, bool metadataOnly = true)
    {
        Type = type;
        _tell = tell;
        _running = RunAsync(new Watcher(client, type, new WatcherOptions { MetadataOnly = metadataOnly }));
    }

    public ResourceType Type { get; }

    /// <summary>Whether all objects of the resource were told, and the watch of their changes stands.</summary>
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
            _tell(Type, happened);
            _isCurrent = happened.Kind != WatchEventKind.Interrupted;
        }
    }
}
