using System.Text.Json.Nodes;
using Capstan.Cluster.Node;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node;

/// <summary>A cluster with a node, and what tests ask of it.</summary>
internal sealed class NodeFixture : IAsyncDisposable
{
    public static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    public static readonly ResourceType Events = new("", "v1", "Event", "events", Namespaced: true);

    private NodeFixture(TestCluster cluster, LocalNode node) => (Cluster, Node) = (cluster, node);

    public TestCluster Cluster { get; }

    public LocalNode Node { get; private set; }

    public KubeClient Client => Cluster.Client;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<NodeFixture> StartAsync(LocalNodeOptions? options = null)
    {
        var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", Stop);
        await Eventually.SeeAsync(
            "the account of the namespace",
            stop => cluster.Client.FindAsync(new ResourceType("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true), new("shop", "default"), stop),
            account => account is not null,
            cancellationToken: Stop);
        return new(cluster, await LocalNode.StartAsync(cluster.Client, options ?? new() { RunProcesses = false }, Stop));
    }

    /// <summary>Stops the node, and starts another.</summary>
    public async Task RestartNodeAsync(LocalNodeOptions options)
    {
        await Node.DisposeAsync();
        Node = await LocalNode.StartAsync(Cluster.Client, options, Stop);
    }

    public Task ApplyAsync(string yaml) => Cluster.InstallAsync(yaml, Stop);

    /// <summary>Applies a pod in namespace shop.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="spec">Its spec as JSON or flow YAML.</param>
    /// <param name="annotations">As flow YAML.</param>
    public Task RunAsync(string name, string spec, string annotations = "{}") =>
        ApplyAsync($"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: shop, annotations: {annotations}}}, spec: {spec}}}");

    /// <summary>Waits until a pod of namespace shop is as wanted.</summary>
    public async Task<JsonObject> SeeAsync(string name, string what, Func<JsonObject, bool> holds) => (await Eventually.SeeAsync(
        $"pod {name} {what}", async stop => (await Client.GetAsync(Pods, new("shop", name), stop)).ToJson(), holds, TimeSpan.FromSeconds(30), Stop))!;

    public Task<JsonObject> SeeReadyAsync(string name) => SeeAsync(name, "to be ready", pod => Condition(pod, "Ready") == "True");

    public Task<JsonObject> SeePhaseAsync(string name, string phase) => SeeAsync(name, $"to be {phase}", pod => (string?)pod["status"]!["phase"] == phase);

    public Task SeeGoneAsync(string name) => Eventually.SeeAsync($"pod {name} to go", stop => Client.FindAsync(Pods, new("shop", name), stop), pod => pod is null, TimeSpan.FromSeconds(30), Stop);

    /// <summary>Waits for an event in namespace shop.</summary>
    public async Task<JsonObject> SeeEventAsync(string about, string reason) => (await Eventually.SeeAsync(
        $"event {reason} of {about}",
        async stop => (await Client.ListAsync(Events, new ListOptions { Namespace = "shop" }, stop)).Items.Select(found => found.ToJson())
            .FirstOrDefault(found => (string?)found["involvedObject"]!["name"] == about && (string?)found["reason"] == reason),
        found => found is not null,
        cancellationToken: Stop))!;

    public Task DeleteAsync(string name, long? grace = null) => Client.DeleteAsync(Pods, new("shop", name), new DeleteOptions { GracePeriodSeconds = grace }, Stop);

    public static string? Condition(JsonObject pod, string type) =>
        (string?)(pod["status"]!["conditions"] as JsonArray ?? []).FirstOrDefault(condition => (string?)condition!["type"] == type)?["status"];

    public static JsonNode Container(JsonObject pod, string name) =>
        (pod["status"]!["containerStatuses"] as JsonArray ?? []).Concat(pod["status"]!["initContainerStatuses"] as JsonArray ?? []).First(status => (string?)status!["name"] == name)!;

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
