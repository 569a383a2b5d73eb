using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Cleanup;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Cleanup;

public sealed class NamespaceTests
{
    private static readonly ResourceType ConfigMap = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);
    private static readonly ResourceType Pod = new("", "v1", "Pod", "pods", Namespaced: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_namespace_goes_with_everything_in_it_and_nothing_else()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: old}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: other}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: old}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: b, namespace: old}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}
            """,
            Stop);
        await cluster.Client.DeleteAsync(NamespaceReconciler.Namespaces, new("", "old"), cancellationToken: Stop);
        await GoneAsync(cluster, "old");
        await cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: old}}", Stop);
        foreach (var type in await cluster.Client.Discovery.ListAsync(Stop))
        {
            if (type.Namespaced && type.Plural is "configmaps" or "secrets")
            {
                // The new namespace may have been furnished by now.
                Assert.DoesNotContain((await cluster.Client.ListAsync(type, new ListOptions { Namespace = "old" }, Stop)).Items, item => item.Key.Name != "kube-root-ca.crt");
            }
        }

        Assert.NotNull(await cluster.Client.GetAsync(ConfigMap, new("other", "a"), Stop));
    }

    [Fact]
    public async Task What_a_finalizer_holds_is_told_in_the_conditions_and_waited_for()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: old}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: held, namespace: old, finalizers: [example.com/hold]}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: free, namespace: old}}
            """,
            Stop);
        await cluster.Client.DeleteAsync(NamespaceReconciler.Namespaces, new("", "old"), cancellationToken: Stop);
        var conditions = await Eventually.SeeAsync(
            "the conditions of the namespace",
            async stop => (await cluster.Client.GetAsync(NamespaceReconciler.Namespaces, new("", "old"), stop)).ToJson()["status"]?["conditions"] as JsonArray ?? [],
            found => found.Count > 0,
            cancellationToken: Stop);
        var messages = conditions.ToDictionary(condition => (string)condition!["type"]!, condition => ((string?)condition!["status"], (string?)condition["message"]));
        Assert.Equal(("True", "Some resources are remaining: configmaps. has 1 resource instances"), messages["NamespaceContentRemaining"]);
        Assert.Equal(("True", "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"), messages["NamespaceFinalizersRemaining"]);

        await ReleaseAsync(cluster, ConfigMap, "held");
        await GoneAsync(cluster, "old");
    }

    [Fact]
    public async Task Pods_go_before_what_they_use()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: old}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: held, namespace: old, finalizers: [example.com/hold]}, spec: {containers: [{name: a, image: b}]}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: used, namespace: old}}
            """,
            Stop);
        await cluster.Client.DeleteAsync(NamespaceReconciler.Namespaces, new("", "old"), cancellationToken: Stop);
        await Eventually.SeeAsync(
            "the pod to be deleted",
            stop => cluster.Client.GetAsync(Pod, new("old", "held"), stop),
            pod => pod.DeletionTimestamp is not null,
            cancellationToken: Stop);
        Assert.Null((await cluster.Client.GetAsync(ConfigMap, new("old", "used"), Stop)).DeletionTimestamp);
        await ReleaseAsync(cluster, Pod, "held");
        await GoneAsync(cluster, "old");
    }

    [Fact]
    public async Task Without_the_controller_a_deleted_namespace_stays()
    {
        await using var cluster = await TestCluster.StartAsync(new TestClusterOptions { Controllers = false }, Stop);
        await cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: old}}", Stop);
        var left = await cluster.Client.DeleteAsync(NamespaceReconciler.Namespaces, new("", "old"), cancellationToken: Stop);
        Assert.Equal("Terminating", (string?)left!.ToJson()["status"]!["phase"]);

        // Controllers that start later find it.
        await using var controllers = await RunningOperator.StartAsync(ClusterControllers.Build(cluster.Client), Stop);
        await GoneAsync(cluster, "old");
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(4, 1)]
    [InlineData(3600, 10)]
    public void The_longer_it_is_held_the_less_often_it_is_looked_at(double seconds, double next) =>
        Assert.Equal(TimeSpan.FromSeconds(next), NamespaceReconciler.NextLook(TimeSpan.FromSeconds(seconds)));

    private static Task ReleaseAsync(TestCluster cluster, ResourceType type, string name) =>
        cluster.Client.PatchAsync(type, new("old", name), PatchType.Merge, Encoding.UTF8.GetBytes("""{"metadata":{"finalizers":null}}"""), cancellationToken: Stop);

    private static Task GoneAsync(TestCluster cluster, string name) => Eventually.SeeAsync(
        $"namespace {name} to be gone",
        async stop => (await cluster.Client.ListAsync(NamespaceReconciler.Namespaces, cancellationToken: stop)).Items.Select(found => found.Key.Name).ToList(),
        names => !names.Contains(name),
        cancellationToken: Stop);
}
