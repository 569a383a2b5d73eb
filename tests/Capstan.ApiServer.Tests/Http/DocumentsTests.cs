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

    [Theory]
    [InlineData("/livez/etcd", 200, "ok")]
    [InlineData("/readyz/informer-sync", 200, "ok")]
    [InlineData("/healthz/poststarthook/rbac/bootstrap-roles", 200, "ok")]
    [InlineData("/readyz/etcd", 404, "404 page not found\n")]
    [InlineData("/livez/shutdown", 404, "404 page not found\n")]
    [InlineData("/livez/", 404, "404 page not found\n")]
    [InlineData("/livez?exclude=etcd&exclude=nope", 200, "ok")]
    [InlineData("/logs", 404, "404 page not found\n")]
    public async Task Each_check_answers_for_itself(string path, int code, string text)
    {
        var answer = await server.GetAsync(path);
        Assert.Equal((code, text), ((int)answer.Code, answer.Text));
    }

    [Fact]
    public async Task A_check_that_is_left_out_is_told_and_one_that_is_not_there_too()
    {
        var text = (await server.GetAsync("/livez?verbose&exclude=etcd&exclude=nope")).Text;
        Assert.Contains("[+]etcd excluded: ok\n", text, StringComparison.Ordinal);
        Assert.EndsWith("warn: some health checks cannot be excluded: no matches for \"nope\"\nlivez check passed\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_may_see_single_checks()
    {
        using var nobody = server.ClientFor(null);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(HttpMethod.Get, "/livez/etcd", client: nobody)).Code);
    }

    [Theory]
    [InlineData("HEAD", "/api/v1/namespaces", 405)]
    [InlineData("HEAD", "/apis", 200)]
    [InlineData("HEAD", "/healthz", 200)]
    [InlineData("OPTIONS", "/api/v1/namespaces", 405)]
    [InlineData("POST", "/apis", 200)]
    [InlineData("POST", "/apis/apps", 200)]
    [InlineData("POST", "/apis/apps/v1", 405)]
    [InlineData("POST", "/api", 405)]
    [InlineData("POST", "/version", 405)]
    [InlineData("POST", "/healthz", 200)]
    public async Task Methods_are_as_each_route_has_them(string method, string path, int code) =>
        Assert.Equal(code, (int)(await server.SendAsync(new HttpMethod(method), path)).Code);

    [Fact]
    public async Task The_root_lists_paths()
    {
        var paths = (await server.GetAsync("/")).Json["paths"]!.AsArray().Select(p => (string)p!).ToList();
        Assert.Contains("/apis/apps/v1", paths);
        Assert.Contains("/readyz/informer-sync", paths);
        Assert.Equal(paths.Order(StringComparer.Ordinal), paths);
    }

    [Fact]
    public async Task Tokens_can_be_checked_with_the_published_key()
    {
        var configuration = (await server.GetAsync("/.well-known/openid-configuration")).Json;
        var keys = (await server.GetAsync(new Uri((string)configuration["jwks_uri"]!).AbsolutePath, "*/*")).Json["keys"]!.AsArray();
        await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"published"}}""");
        var made = await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/published/token", "{}");
        var token = ((string)made.Json["status"]!["token"]!).Split('.');
        using var key = System.Security.Cryptography.ECDsa.Create(new System.Security.Cryptography.ECParameters
        {
            Curve = System.Security.Cryptography.ECCurve.NamedCurves.nistP256,
            Q = { X = Bytes((string)keys[0]!["x"]!), Y = Bytes((string)keys[0]!["y"]!) },
        });
        Assert.True(key.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), Bytes(token[2]), System.Security.Cryptography.HashAlgorithmName.SHA256));

        static byte[] Bytes(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
    }

    [Fact]
    public async Task How_long_requests_took_and_what_is_stored_is_shown()
    {
        await server.GetAsync("/api/v1/namespaces/default");
        var text = (await server.GetAsync("/metrics")).Text;
        Assert.Matches("apiserver_request_duration_seconds_bucket\\{component=\"apiserver\",dry_run=\"\",group=\"\",resource=\"namespaces\",scope=\"resource\",subresource=\"\",verb=\"GET\",version=\"v1\",le=\"\\+Inf\"\\} [1-9]", text);
        Assert.Matches("apiserver_storage_objects\\{resource=\"namespaces\"\\} [1-9]", text);
        Assert.Matches("apiserver_current_inflight_requests\\{request_kind=\"readOnly\"\\} [1-9]", text);
    }

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
