using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Quotas;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Quotas;

public sealed class QuotaControllerTests
{
    private static readonly ResourceType ConfigMap = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);
    private static readonly ResourceType Pod = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ResourceType Service = new("", "v1", "Service", "services", Namespaced: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_is_counted_and_what_goes_or_takes_less_is_given_back()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync(
            """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: NodePort, ports: [{port: 80}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: b, resources: {requests: {cpu: 100m}}}]}}
            ---
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: q}
            spec: {hard: {count/configmaps: "2", services.nodeports: "1", pods: "1", requests.cpu: "1", count/things.example.com: "3"}}
            """,
            Stop);

        // One config map of its own is in every namespace; things are not served.
        var status = await SeeAsync(cluster, "q", """{"count/configmaps":"2","pods":"1","requests.cpu":"100m","services.nodeports":"1"}""");
        Assert.Equal("""{"count/configmaps":"2","count/things.example.com":"3","pods":"1","requests.cpu":"1","services.nodeports":"1"}""", status["hard"]!.ToJsonString());
        await cluster.Client.DeleteAsync(ConfigMap, new("default", "a"), cancellationToken: Stop);
        await PatchAsync(cluster, Service, "s", """{"spec":{"type":"ClusterIP","ports":[{"port":80,"nodePort":null}]}}""", null);
        await PatchAsync(cluster, Pod, "p", """{"status":{"phase":"Succeeded"}}""", "status");
        await SeeAsync(cluster, "q", """{"count/configmaps":"1","pods":"0","requests.cpu":"0","services.nodeports":"0"}""");
    }

    [Fact]
    public async Task A_changed_quota_is_counted_anew_and_holds()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync("{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {configmaps: '1'}}}", Stop);
        await SeeAsync(cluster, "q", """{"configmaps":"1"}""");
        await PatchAsync(cluster, QuotaReconciler.Quotas, "q", """{"spec":{"hard":{"configmaps":"2","secrets":"0"}}}""", null);
        await SeeAsync(cluster, "q", """{"configmaps":"1","secrets":"0"}""");
        await cluster.InstallAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", Stop);
        var refused = await Assert.ThrowsAsync<ApiException>(() => cluster.InstallAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", Stop));
        Assert.Equal("configmaps \"b\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2", refused.Status.Message);
    }

    [Fact]
    public async Task While_many_write_and_delete_the_quota_is_never_exceeded_and_right_in_the_end()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync("{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {configmaps: '6'}}}", Stop);
        await SeeAsync(cluster, "q", """{"configmaps":"1"}""");
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 25; i++)
            {
                var key = new ObjectKey("default", $"w{writer}-{i}");
                try
                {
                    await cluster.Client.CreateAsync(ConfigMap, DynamicObject.Parse(Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{key.Name}}}","namespace":"default"}}""")), cancellationToken: Stop);
                }
                catch (ApiException refused) when (refused.IsForbidden)
                {
                    continue;
                }

                var seen = (await cluster.Client.ListAsync(ConfigMap, new ListOptions { Namespace = "default" }, Stop)).Items.Count;
                InterlockedMax(ref most, seen);
                await cluster.Client.DeleteAsync(ConfigMap, key, cancellationToken: Stop);
            }
        }));
        TestContext.Current.TestOutputHelper!.WriteLine($"at most {most} at once");
        Assert.InRange(most, 2, 6);
        await SeeAsync(cluster, "q", """{"configmaps":"1"}""");
    }

    private static void InterlockedMax(ref int most, int seen)
    {
        int known;
        while ((known = Volatile.Read(ref most)) < seen && Interlocked.CompareExchange(ref most, seen, known) != known)
        {
        }
    }

    private static Task PatchAsync(TestCluster cluster, ResourceType type, string name, string merge, string? subresource) =>
        cluster.Client.PatchAsync(type, new("default", name), PatchType.Merge, Encoding.UTF8.GetBytes(merge), new PatchOptions { Subresource = subresource }, Stop);

    private static async Task<JsonNode> SeeAsync(TestCluster cluster, string name, string used) => (await Eventually.SeeAsync(
        $"{name} to use {used}",
        async stop => (await cluster.Client.GetAsync(QuotaReconciler.Quotas, new("default", name), stop)).ToJson()["status"]!,
        status => status["used"]?.ToJsonString() == used,
        cancellationToken: Stop))!;
}
