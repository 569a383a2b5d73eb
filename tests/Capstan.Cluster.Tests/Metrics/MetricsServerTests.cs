using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Metrics;
using Capstan.Cluster.Tests.Node;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Metrics;

public sealed class MetricsServerTests
{
    private static readonly ResourceType ApiServices = new("apiregistration.k8s.io", "v1", "APIService", "apiservices", Namespaced: false);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Usage_of_pods_and_nodes_is_served_as_an_aggregated_api_while_the_server_is_there()
    {
        await using var fixture = await NodeFixture.StartAsync();
        await fixture.ApplyAsync("""
            {apiVersion: v1, kind: Pod, metadata: {name: busy, namespace: shop, labels: {app: web}, annotations: {simulate.capstan.dev/cpu: "500m", simulate.capstan.dev/memory: 64Mi, simulate.capstan.dev/cpu.side: "250m"}},
             spec: {containers: [{name: main, image: "i:1"}, {name: side, image: "i:1"}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: idle, namespace: shop}, spec: {containers: [{name: main, image: "i:1"}]}}
            """);
        await fixture.SeeReadyAsync("busy");
        await fixture.SeeReadyAsync("idle");
        var server = await MetricsServer.StartAsync(fixture.Client, new MetricsServerOptions { Window = TimeSpan.FromMilliseconds(200) }, Stop);
        var pods = await Eventually.SeeAsync(
            "metrics of both pods", stop => AskAsync(fixture, "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods", stop), seen => (seen["items"] as JsonArray)?.Count == 2, cancellationToken: Stop);
        var busy = pods["items"]![0]!;
        Assert.Equal(("busy", "web"), ((string?)busy["metadata"]!["name"], (string?)busy["metadata"]!["labels"]!["app"]));
        Assert.Equal(["main", "side"], busy["containers"]!.AsArray().Select(c => (string?)c!["name"]));
        var usage = busy["containers"]![0]!["usage"]!;
        Assert.Equal("65536Ki", (string?)usage["memory"]);
        Assert.InRange(Quantity.Parse((string)usage["cpu"]!).AsApproximateDouble(), 0.45, 0.55);

        var selected = await AskAsync(fixture, "/apis/metrics.k8s.io/v1beta1/pods?labelSelector=app%3Dweb", Stop);
        Assert.Equal("busy", (string?)Assert.Single(selected["items"]!.AsArray())!["metadata"]!["name"]);
        var node = await AskAsync(fixture, "/apis/metrics.k8s.io/v1beta1/nodes/capstan-local", Stop);
        Assert.InRange(Quantity.Parse((string)node["usage"]!["cpu"]!).AsApproximateDouble(), 0.6, 0.9);
        var absent = await Assert.ThrowsAsync<ApiException>(() => fixture.Client.GetRawAsync("/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/none", null, Stop));
        Assert.Equal("podmetrics.metrics.k8s.io \"shop/none\" not found", absent.Status.Message);
        var groups = await AskAsync(fixture, "/apis", Stop);
        Assert.Contains(groups["groups"]!.AsArray(), g => (string?)g!["name"] == "metrics.k8s.io");
        await AvailableAsync(fixture, "True", "Passed");

        await server.DisposeAsync();
        await Eventually.SeeAsync(
            "the API to be refused",
            async stop =>
            {
                try
                {
                    await fixture.Client.GetRawAsync("/apis/metrics.k8s.io/v1beta1/nodes", null, stop);
                    return 200;
                }
                catch (ApiException e)
                {
                    return e.Status.Code ?? 0;
                }
            },
            code => code == 503,
            cancellationToken: Stop);
    }

    private static Task<JsonObject> AvailableAsync(NodeFixture fixture, string status, string reason) => Eventually.SeeAsync(
        $"the API to be available: {status}",
        async stop => (await fixture.Client.GetAsync(ApiServices, ObjectKey.ClusterScoped("v1beta1.metrics.k8s.io"), stop)).ToJson()["status"]?["conditions"]?[0] as JsonObject ?? [],
        seen => (string?)seen["status"] == status && (string?)seen["reason"] == reason,
        cancellationToken: Stop);

    private static async Task<JsonObject> AskAsync(NodeFixture fixture, string path, CancellationToken stop)
    {
        try
        {
            return JsonNode.Parse(Encoding.UTF8.GetString(await fixture.Client.GetRawAsync(path, null, stop)))!.AsObject();
        }
        catch (ApiException e)
        {
            var service = (await fixture.Client.GetAsync(ApiServices, ObjectKey.ClusterScoped("v1beta1.metrics.k8s.io"), stop)).ToJson();
            return new JsonObject { ["refused"] = e.Message, ["service"] = service["status"]?.DeepClone() };
        }
    }
}
