using System.Text;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Workloads;

/// <summary>A cluster with its controllers, shared by the tests of a class; each works in a namespace of its own.</summary>
public sealed class WorkloadCluster : IAsyncLifetime
{
    private TestCluster? _cluster;

    public TestCluster Cluster => _cluster ?? throw new InvalidOperationException("not started");

    public KubeClient Client => Cluster.Client;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Waits until what is read of a kind in a namespace holds.</summary>
    public Task<IReadOnlyList<T>> SeeAsync<T>(string what, string @namespace, Func<IReadOnlyList<T>, bool> holds, CancellationToken cancellationToken)
        where T : KubeObject, IKubeObject<T> =>
        Eventually.SeeAsync(
            what, async stop => (await Client.ListAsync<T>(new ListOptions { Namespace = @namespace }, stop)).Items, items => holds(items), TimeSpan.FromMinutes(1), cancellationToken);

    public Task PatchAsync<T>(ObjectKey key, string patch, CancellationToken cancellationToken)
        where T : KubeObject, IKubeObject<T> =>
        Client.PatchAsync(T.Resource, key, PatchType.Merge, Encoding.UTF8.GetBytes(patch), null, cancellationToken);

    /// <summary>Messages of the events about an object, the oldest first, with the reason before each.</summary>
    public Task<List<string>> SeeEventsAsync(ObjectKey regarding, Func<List<string>, bool> holds, CancellationToken cancellationToken)
    {
        var events = new ResourceType("", "v1", "Event", "events", Namespaced: true);
        return Eventually.SeeAsync(
            $"events of {regarding}",
            async stop => (await Client.ListAsync(events, new ListOptions { Namespace = regarding.Namespace, FieldSelector = $"involvedObject.name={regarding.Name}" }, stop)).Items
                .OrderBy(one => one.Key.Name, StringComparer.Ordinal).Select(static one => one.ToJson()).Select(static one => $"{(string?)one["reason"]}: {(string?)one["message"]}").ToList(),
            holds, TimeSpan.FromMinutes(1), cancellationToken);
    }
}
