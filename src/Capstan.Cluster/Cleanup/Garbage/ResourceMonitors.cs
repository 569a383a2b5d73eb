using Capstan.Watching;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>One monitor for each resource whose objects can be listed, watched and deleted; they come and go with what the server serves.</summary>
internal sealed class ResourceMonitors(KubeClient client, OwnerGraph graph, ILogger logger)
{
    private static readonly GroupResource Definitions = new("apiextensions.k8s.io", "customresourcedefinitions");
    private static readonly string[] Verbs = ["delete", "list", "watch"];

    // Definitions tell of themselves; other servers behind this one do not. A definition becomes served some moments after it is written, and is written several times.
    private readonly Lookout _lookout = new(client.Options.TimeProvider) { Settle = TimeSpan.FromMilliseconds(50) };

    private volatile IReadOnlyList<ResourceMonitor> _monitors = [];

    /// <summary>Whether the graph has been told of every object of every resource, as far as anybody can know.</summary>
    public bool AreCurrent => _monitors is { Count: > 0 } monitors && monitors.All(monitor => monitor.IsCurrent);

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            // Monitors that run go on when a look fails.
            await _lookout.RunAsync(LookAsync, error => Log.DiscoveryFailed(logger, error), stop);
        }
        finally
        {
            await Task.WhenAll(_monitors.Select(monitor => monitor.DisposeAsync().AsTask()));
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        client.Discovery.Forget();
        var served = (await client.Discovery.ListAsync(Verbs, stop)).Where(type => type.Plural != "events").ToHashSet();
        var former = _monitors.Where(monitor => !served.Contains(monitor.Type)).ToList();
        var kept = _monitors.Where(monitor => served.Contains(monitor.Type)).ToList();
        var known = kept.Select(monitor => monitor.Type).ToHashSet();
        _monitors = [.. kept, .. served.Where(type => !known.Contains(type)).Select(type => new ResourceMonitor(client, type, Tell))];
        foreach (var monitor in former)
        {
            await monitor.DisposeAsync();

            // Served in another version it is the same resource: that one's monitor replaces what this one told.
            if (served.All(type => type.GroupResource != monitor.Type.GroupResource))
            {
                graph.Remove(monitor.Type.GroupResource);
            }
        }
    }

    private void Tell(ResourceType type, WatchEvent happened)
    {
        switch (happened.Kind)
        {
            case WatchEventKind.Restarted:
                graph.Replace(type.GroupResource, [.. happened.Objects!.Select(found => OwnedObject.From(type, found))]);
                break;
            case WatchEventKind.Applied:
                graph.Put(OwnedObject.From(type, happened.Object!));
                break;
            case WatchEventKind.Deleted:
                graph.Remove(happened.Object!.Uid ?? "");
                break;
        }

        if (type.GroupResource == Definitions)
        {
            _lookout.LookAgain();
        }
    }
}
