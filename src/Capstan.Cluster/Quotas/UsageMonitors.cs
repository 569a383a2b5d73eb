using System.Text.Json.Nodes;
using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Quotas;
using Capstan.Watching;

namespace Capstan.Cluster.Quotas;

/// <summary>Watches what the quotas of the cluster count, and nothing else: without quotas there are no watches.</summary>
internal sealed class UsageMonitors
{
    private static readonly string[] Verbs = ["list", "watch"];

    private readonly KubeClient _client;
    private readonly Informer _quotas;
    // Looks without being told to, since a quota may count what is not served yet.
    private readonly Lookout _lookout;
    private readonly Dictionary<GroupResource, Counted> _counted = [];

    public UsageMonitors(KubeClient client, Informer quotas)
    {
        _client = client;
        _quotas = quotas;
        _lookout = new Lookout(client.Options.TimeProvider);
        quotas.AddHandler(_ => _lookout.LookAgain());
    }

    /// <summary>Raised with the key of each quota that is to be counted again.</summary>
    public event Action<ObjectKey>? Changed;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            // Those that run go on when a look fails.
            await _lookout.RunAsync(LookAsync, _ => { }, stop);
        }
        finally
        {
            await Task.WhenAll(_counted.Values.Select(counted => counted.Monitor.DisposeAsync().AsTask()));
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        var needed = _quotas.Cache.List().SelectMany(quota => Resources(quota.ToJson())).ToHashSet();
        foreach (var (resource, counted) in _counted.Where(counted => !needed.Contains(counted.Key)).ToList())
        {
            await counted.Monitor.DisposeAsync();
            _counted.Remove(resource);
        }

        needed.ExceptWith(_counted.Keys);
        if (needed.Count == 0)
        {
            return;
        }

        foreach (var type in (await _client.Discovery.ListAsync(Verbs, stop)).Where(type => type.Namespaced && needed.Contains(type.GroupResource)))
        {
            _counted[type.GroupResource] = new Counted(_client, QuotaMeter.For(type.GroupResource)!, type, Recount);
        }
    }

    /// <param name="resource">What changed.</param>
    /// <param name="namespace">Where; null: everywhere.</param>
    private void Recount(GroupResource resource, string? @namespace)
    {
        foreach (var quota in _quotas.Cache.List(new ListQuery { Namespace = @namespace }).Where(quota => Resources(quota.ToJson()).Contains(resource)))
        {
            Changed?.Invoke(quota.Key);
        }
    }

    private static IEnumerable<GroupResource> Resources(JsonObject quota) => (quota["spec"]?["hard"] as JsonObject ?? [])
        .Select(limit => QuotaMeter.ResourceOf(limit.Key)).OfType<GroupResource>().Where(resource => QuotaMeter.For(resource) is not null);

    /// <summary>One resource that is counted. Objects that can come to count otherwise are remembered by what they counted last.</summary>
    private sealed class Counted
    {
        private readonly Dictionary<ObjectKey, string> _known = [];
        private readonly KubeClient _client;
        private readonly QuotaMeter _meter;
        private readonly Action<GroupResource, string?> _recount;

        public Counted(KubeClient client, QuotaMeter meter, ResourceType type, Action<GroupResource, string?> recount)
        {
            _client = client;
            _meter = meter;
            _recount = recount;
            Monitor = new ResourceMonitor(client, type, Tell, metadataOnly: !meter.ChangesWithObject);
        }

        public ResourceMonitor Monitor { get; }

        private void Tell(ResourceType type, WatchEvent happened)
        {
            switch (happened.Kind)
            {
                case WatchEventKind.Restarted:
                    _known.Clear();
                    foreach (var found in happened.Objects!)
                    {
                        Remember(found);
                    }

                    // Whatever went before the watch stood is counted now.
                    _recount(type.GroupResource, null);
                    break;
                case WatchEventKind.Applied when Remember(happened.Object!):
                    _recount(type.GroupResource, happened.Object!.Key.Namespace);
                    break;
                case WatchEventKind.Deleted:
                    _known.Remove(happened.Object!.Key);
                    _recount(type.GroupResource, happened.Object.Key.Namespace);
                    break;
            }
        }

        /// <returns>Whether it was known and counts otherwise than before.</returns>
        private bool Remember(DynamicObject found)
        {
            if (!_meter.ChangesWithObject)
            {
                return false;
            }

            var json = found.ToJson();
            var counts = ResourceAmounts.ToJson(_meter.Usage(json, _client.Options.TimeProvider.GetUtcNow())).ToJsonString() + json["spec"]?["activeDeadlineSeconds"];
            var changed = _known.TryGetValue(found.Key, out var before) && before != counts;
            _known[found.Key] = counts;
            return changed;
        }
    }
}
