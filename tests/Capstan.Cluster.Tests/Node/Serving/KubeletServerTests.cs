using System.Net.Security;
using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Tests.Node.Serving;

public sealed class KubeletServerTests
{
    private static readonly ResourceType Nodes = new("", "v1", "Node", "nodes", Namespaced: false);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logs_go_from_the_kubelet_through_the_api_server_and_refusals_too()
    {
        await using var fixture = await NodeFixture.StartAsync();
        await fixture.RunAsync("web", "{containers: [{name: c, image: \"i:1\"}]}");
        await fixture.SeeReadyAsync("web");
        Assert.Equal("simulated: i:1 is not run by this node\n", await LogAsync(fixture, "web/log"));
        Assert.Equal("", await LogAsync(fixture, "web/log?tailLines=0"));
        Assert.EndsWith("Z simulated: i:1 is not run by this node\n", await LogAsync(fixture, "web/log?timestamps=true"), StringComparison.Ordinal);
        var previous = await Assert.ThrowsAsync<ApiException>(() => LogAsync(fixture, "web/log?previous=true"));
        Assert.Equal("previous terminated container \"c\" in pod \"web\" not found", previous.Status.Message);
    }

    [Fact]
    public async Task Nobody_but_the_api_server_is_answered()
    {
        await using var fixture = await NodeFixture.StartAsync();
        var node = (await fixture.Client.GetAsync(Nodes, ObjectKey.ClusterScoped("capstan-local"), Stop)).ToJson();
        var port = (int)node["status"]!["daemonEndpoints"]!["kubeletEndpoint"]!["Port"]!;
        using var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var stranger = new HttpClient(handler);
        using var answer = await stranger.GetAsync(new Uri($"https://127.0.0.1:{port}/pods"), Stop);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("ok", Encoding.UTF8.GetString(await fixture.Client.GetRawAsync("/api/v1/nodes/capstan-local/proxy/healthz", "*/*", Stop)));
        var pods = JsonNode.Parse(await fixture.Client.GetRawAsync("/api/v1/nodes/capstan-local/proxy/pods", "*/*", Stop))!;
        Assert.Equal("PodList", (string?)pods["kind"]);
    }

    private static async Task<string> LogAsync(NodeFixture fixture, string path) =>
        Encoding.UTF8.GetString(await fixture.Client.GetRawAsync($"/api/v1/namespaces/shop/pods/{path}", "*/*", Stop));
}
