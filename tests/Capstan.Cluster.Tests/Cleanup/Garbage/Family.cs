using System.Text;
using System.Text.Json.Nodes;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Cleanup.Garbage;

/// <summary>A cluster in which config maps own each other.</summary>
internal sealed class Family : IAsyncDisposable
{
    public static readonly ResourceType ConfigMap = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);
    public static readonly ResourceType ClusterRole = new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced: false);

    private Family(TestCluster cluster) => Cluster = cluster;

    public TestCluster Cluster { get; }

    public KubeClient Client => Cluster.Client;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<Family> StartAsync(bool controllers = true) =>
        new(await TestCluster.StartAsync(new TestClusterOptions { Controllers = controllers }, Stop));

    /// <summary>A reference to an owner; <paramref name="blocks"/> is its blockOwnerDeletion.</summary>
    public static JsonObject Owner(DynamicObject owner, bool? blocks = null)
    {
        var reference = new JsonObject { ["apiVersion"] = owner.ApiVersion, ["kind"] = owner.Kind, ["name"] = owner.Key.Name, ["uid"] = owner.Uid };
        if (blocks is { } value)
        {
            reference["blockOwnerDeletion"] = value;
        }

        return reference;
    }

    public Task<DynamicObject> AddAsync(string name, params JsonObject[] owners) => AddAsync(ConfigMap, new("default", name), [], owners);

    public Task<DynamicObject> AddAsync(ResourceType type, ObjectKey key, string[] finalizers, params JsonObject[] owners)
    {
        var metadata = new JsonObject { ["name"] = key.Name, ["finalizers"] = new JsonArray([.. finalizers]), ["ownerReferences"] = new JsonArray([.. owners]) };
        if (key.Namespace.Length > 0)
        {
            metadata["namespace"] = key.Namespace;
        }

        var json = new JsonObject { ["apiVersion"] = type.ApiVersion, ["kind"] = type.Kind, ["metadata"] = metadata };
        return Client.CreateAsync(type, DynamicObject.From(json), cancellationToken: Stop);
    }

    public Task DeleteAsync(DynamicObject found, string policy) =>
        Client.DeleteAsync(ConfigMap, found.Key, new DeleteOptions { PropagationPolicy = policy, Uid = found.Uid }, Stop);

    public Task<DynamicObject> PatchAsync(DynamicObject found, string merge) =>
        Client.PatchAsync(ConfigMap, found.Key, PatchType.Merge, Encoding.UTF8.GetBytes(merge), cancellationToken: Stop);

    /// <summary>Waits until exactly these config maps are in namespace default.</summary>
    public Task OnlyAsync(params string[] names) => Eventually.SeeAsync(
        $"only {string.Join(", ", names)} to be left", NamesAsync, seen => seen.Order().SequenceEqual(names.Order()), cancellationToken: Stop);

    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken stop) =>
        [.. (await Client.ListAsync(ConfigMap, new ListOptions { Namespace = "default" }, stop)).Items.Select(found => found.Key.Name).Where(name => name != "kube-root-ca.crt")];

    public Task<DynamicObject> SeeAsync(string what, string name, Func<DynamicObject, bool> holds) =>
        Eventually.SeeAsync($"{name} {what}", stop => Client.GetAsync(ConfigMap, new("default", name), stop), holds, cancellationToken: Stop);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
