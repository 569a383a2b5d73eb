using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

public sealed class DiscoveryTests : IAsyncDisposable
{
    private const string Core = """{"kind":"APIVersions","versions":["v1"]}""";
    private const string CoreV1 = """{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","namespaced":true,"kind":"Pod"},{"name":"pods/status","namespaced":true,"kind":"Pod"},{"name":"nodes","namespaced":false,"kind":"Node"}]}""";

    private readonly ScriptedApiServer _server = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_server_without_aggregated_discovery_is_asked_group_by_group()
    {
        using var client = _server.Connect(_time);
        var finding = client.Discovery.FindAsync(new("apps", "v1", "Deployment"), Cancel).AsTask();
        var asked = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var request = await _server.NextAsync();
            asked.Add(request.Path);
            await AnswerAsync(request, """{"name":"deployments","namespaced":true,"kind":"Deployment"}""");
        }

        Assert.Equal(new ResourceType("apps", "v1", "Deployment", "deployments", true), await finding);
        Assert.Equal(["/api", "/api/v1", "/apis", "/apis/apps/v1", "/apis/down/v1"], asked);
        Assert.Equal("nodes", (await client.Discovery.GetAsync(new("", "v1", "Node"), Cancel)).Plural);
        Assert.False(_server.HasRequest);

        // The group whose server is down: not "no such kind".
        await Assert.ThrowsAsync<ApiException>(() => client.Discovery.FindAsync(new("down", "v1", "Thing"), Cancel).AsTask());
    }

    [Fact]
    public async Task Unknown_kinds_however_many_cost_one_reading_per_three_seconds()
    {
        using var client = _server.Connect(_time);
        const string Groups = """{"items":[{"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[{"resource":"deployments","responseKind":{"group":"","version":"","kind":"Deployment"},"scope":"Namespaced"}]}]}]}""";
        var serving = ServeAggregatedAsync(Groups);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Null(await client.Discovery.FindAsync(new("evil", $"v{i}", "Kind"), Cancel));
        }

        await serving;
        Assert.False(_server.HasRequest);
        var error = await Assert.ThrowsAsync<KindNotServedException>(() => client.Discovery.GetAsync(new("new.io", "v1", "Thing"), Cancel).AsTask());
        Assert.Equal("no matches for kind \"Thing\" in version \"new.io/v1\"", error.Message);

        // Its definition is created: seen once the last reading is three seconds old.
        _time.Advance(TimeSpan.FromSeconds(3));
        serving = ServeAggregatedAsync(Groups.Replace("apps", "new.io", StringComparison.Ordinal).Replace("Deployment", "Thing", StringComparison.Ordinal));
        Assert.NotNull(await client.Discovery.FindAsync(new("new.io", "v1", "Thing"), Cancel));
        await serving;

        async Task ServeAggregatedAsync(string groups)
        {
            var core = await _server.NextAsync();
            Assert.Equal(("/api", true), (core.Path, core.Headers["Accept"].StartsWith("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", StringComparison.Ordinal)));
            await core.AnswerAsAsync("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", """{"items":[]}""");
            await (await _server.NextAsync()).AnswerAsAsync("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", groups);
        }
    }

    private static Task AnswerAsync(ScriptedRequest request, string resource) => request.Path switch
    {
        "/api" => request.AnswerAsync(Core),
        "/api/v1" => request.AnswerAsync(CoreV1),
        "/apis" => request.AnswerAsync("""{"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"version":"v1"}]},{"name":"down","versions":[{"version":"v1"}]}]}"""),
        "/apis/apps/v1" => request.AnswerAsync($$"""{"kind":"APIResourceList","resources":[{{resource}}]}"""),
        _ => request.AnswerAsync(503, "the server is currently unable to handle the request"),
    };
}
