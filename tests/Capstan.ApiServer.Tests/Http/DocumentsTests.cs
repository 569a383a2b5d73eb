using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class DocumentsTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    public async Task Health_is_ok_for_anybody(string path)
    {
        using var nobody = server.ClientFor(null);
        Assert.Equal("ok", (await server.SendAsync(HttpMethod.Get, path, client: nobody)).Text);
    }

    [Fact]
    public async Task Readyz_explains_itself() =>
        Assert.EndsWith("readyz check passed\n", (await server.GetAsync("/readyz?verbose")).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Version_is_that_of_the_kubernetes_it_behaves_like() =>
        Assert.Equal("v1.36.2", (string?)(await server.GetAsync("/version")).Json["gitVersion"]);

    [Fact]
    public async Task Counts_requests_as_kubernetes_does()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/secrets", """{"metadata":{"name":"a"}}""");
        await server.SendAsync(HttpMethod.Get, $"{ns}/secrets/a");
        await server.SendAsync(HttpMethod.Get, $"{ns}/secrets/none");
        await server.SendAsync(HttpMethod.Get, $"{ns}/secrets");
        await server.SendAsync(HttpMethod.Get, $"{ns}/secrets?watch=1&timeoutSeconds=1");
        await server.PatchAsync($"{ns}/secrets/a?fieldManager=m", TestServer.Apply, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}""");
        await server.PatchAsync($"{ns}/secrets/a", TestServer.MergePatch, """{"metadata":{"labels":{"a":"b"}}}""");
        await server.SendAsync(HttpMethod.Put, $"{ns}/secrets/a", """{"metadata":{"name":"a"}}""");
        await server.SendAsync(HttpMethod.Delete, $"{ns}/secrets/a");
        await server.SendAsync(HttpMethod.Delete, $"{ns}/secrets");
        var text = (await server.GetAsync("/metrics")).Text;
        foreach (var (verb, scope, code) in ((string, string, int)[])
        [
            ("POST", "namespace", 201), ("GET", "resource", 200), ("GET", "resource", 404), ("LIST", "namespace", 200), ("WATCH", "namespace", 200),
            ("APPLY", "resource", 200), ("PATCH", "resource", 200), ("PUT", "resource", 200), ("DELETE", "resource", 200), ("DELETECOLLECTION", "namespace", 200),
        ])
        {
            Assert.Contains(
                $"apiserver_request_total{{code=\"{code}\",component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"secrets\",scope=\"{scope}\",subresource=\"\",verb=\"{verb}\",version=\"v1\"}} 1\n",
                text,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_that_anybody_makes_up_do_not_become_metrics()
    {
        await server.GetAsync("/apis/made.up/v1/things");
        await server.GetAsync("/made/up/path");
        Assert.DoesNotContain("made", (await server.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_names_what_is_served()
    {
        var core = await server.GetAsync("/api/v1");
        Assert.Equal(HttpStatusCode.OK, core.Code);
        Assert.Contains("configmaps", core.Json["resources"]!.AsArray().Select(r => (string?)r!["name"]));
        Assert.Equal("404 page not found\n", (await server.GetAsync("/apis/no.such.group")).Text);
    }
}
