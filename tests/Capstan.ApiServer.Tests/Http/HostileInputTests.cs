using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class HostileInputTests(TestServer server) : IClassFixture<TestServer>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("", 400)]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("7", 400)]
    [InlineData("null", 422)]
    [InlineData("{\"metadata\":7}", 400)]
    [InlineData("{\"metadata\":{\"name\":7}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"x\",\"labels\":[]}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"x\",\"labels\":{\"a\":{}}}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"x\",\"finalizers\":\"a\"}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"x\",\"ownerReferences\":[1]}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"x\",\"managedFields\":[7]}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"x\",\"creationTimestamp\":\"yesterday\"}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"x\",\"generation\":\"1\"}}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"../../etc\"}}", 422)]
    [InlineData("{\"kind\":7,\"metadata\":{\"name\":\"x\"}}", 400)]
    [InlineData("{\"data\":[1],\"metadata\":{\"name\":\"x\"}}", 400)]
    [InlineData("{\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"}}", 400)]
    public async Task Bodies_that_are_no_object_of_the_kind_are_refused(string body, int code)
    {
        var answer = await server.SendAsync(HttpMethod.Post, ConfigMaps, body);
        Assert.Equal(code, (int)answer.Code);
        Assert.Equal("Status", (string?)answer.Json["kind"]);
    }

    [Fact]
    public async Task Deep_nesting_is_refused_not_followed()
    {
        var deep = $$$"""{"metadata":{"name":"deep"},"data":{{{new string('[', 500_000)}}}""";
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Post, ConfigMaps, deep)).Code);
        var yaml = "metadata: {name: deep}\ndata: " + new string('[', 100_000);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Post, ConfigMaps, yaml, "application/yaml")).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PatchAsync($"{ConfigMaps}/deep?fieldManager=m", TestServer.Apply, yaml)).Code);
    }

    [Fact]
    public async Task Nesting_that_patches_add_up_to_is_refused_too()
    {
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var made = await server.SendAsync(HttpMethod.Post, Definitions, """
            {"metadata":{"name":"nests.test.dev"},"spec":{"group":"test.dev","scope":"Cluster","names":{"plural":"nests","kind":"Nest"},"versions":[{"name":"v1","served":true,"storage":true,
            "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, "/apis/test.dev/v1/nests", """{"apiVersion":"test.dev/v1","kind":"Nest","metadata":{"name":"n"}}""")).Code);
        string Nested(string inner) => string.Concat(Enumerable.Repeat("{\"a\":", 1200)) + inner + new string('}', 1200);
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync("/apis/test.dev/v1/nests/n", TestServer.JsonPatch, $$"""[{"op":"add","path":"/x","value":{{Nested("{}")}}}]""")).Code);
        var path = "/x" + string.Concat(Enumerable.Repeat("/a", 1200));
        var deeper = await server.PatchAsync("/apis/test.dev/v1/nests/n", TestServer.JsonPatch, $$"""[{"op":"add","path":"{{path}}/b","value":{{Nested("{}")}}}]""");
        Assert.Equal(HttpStatusCode.BadRequest, deeper.Code);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/apis/test.dev/v1/nests", "application/json;as=Table;v=v1;g=meta.k8s.io")).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/apis/test.dev/v1/nests/n", "application/yaml")).Code);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_off()
    {
        var body = new string('x', 4 << 20);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.SendAsync(HttpMethod.Post, ConfigMaps, body)).Code);
        var answer = await server.SendAsync(HttpMethod.Get, "/healthz");
        Assert.Equal("ok", answer.Text);
    }

    [Fact]
    public async Task Broken_unicode_is_repaired()
    {
        var answer = await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"metadata":{"name":"unicode"},"data":{"k":"a\ud800b\u0000c"}}""");
        Assert.Equal(HttpStatusCode.Created, answer.Code);
        Assert.Equal("a\uFFFDb\0c", (string?)answer.Json["data"]!["k"]);
        using var raw = new HttpRequestMessage(HttpMethod.Post, ConfigMaps);
        raw.Content = new ByteArrayContent([.. "{\"metadata\":{\"name\":\"bytes\"},\"data\":{\"k\":\"a"u8, 0xff, .. "b\"}}"u8]);
        raw.Content.Headers.ContentType = new("application/json");
        using var response = await server.Admin.SendAsync(raw, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("a\uFFFDb", (string?)(await server.GetAsync($"{ConfigMaps}/bytes")).Json["data"]!["k"]);
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/vnd.kubernetes.protobuf", 400)]
    [InlineData("application/json; charset=utf-8", 201)]
    public async Task Formats_that_are_not_spoken_are_415(string type, int code)
    {
        var ns = await server.NamespaceAsync();
        Assert.Equal(code, (int)(await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"x"}}""", type)).Code);
    }

    [Theory]
    [InlineData("//api/v1/namespaces", 404)]
    [InlineData("/api/v1//namespaces/default", 404)]
    [InlineData("/api/v1/namespaces/default/../kube-system/configmaps", 404)]
    [InlineData("/api/v1/namespaces/default/configmaps/..%2Fsecrets", 404)]
    [InlineData("/api/v1/namespaces/default/configmaps/a%00b", 400)]
    [InlineData("/api/v1/namespaces/default/configmaps/a/b/c/d", 404)]
    [InlineData("/api/v1/namespaces/default/configmaps/", 200)]
    [InlineData("/api/v1/%6eamespaces", 200)]
    [InlineData("/apis/no.such.group/v1/things", 404)]
    [InlineData("/nowhere", 404)]
    public async Task Odd_paths_reach_nothing_they_should_not(string path, int code)
    {
        // Written by hand: HttpClient would tidy the path.
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Server.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [server.Server.AdminCertificate] }, TestContext.Current.CancellationToken);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(tls);
        var status = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith($"HTTP/1.1 {code} ", status, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Mangled_requests_never_break_the_server(int seed)
    {
        var random = new Random(seed);
        var ns = await server.NamespaceAsync();
        const string Good = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","labels":{"a":"b"},"finalizers":[],"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u"}]},"data":{"k":"v"}}""";
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", Good);
        string[] values = ["null", "7", "\"s\"", "[]", "{}", "[null]", "{\"\":null}", "-1e999", "true", "[{}]"];
        string[] types = ["application/json", TestServer.JsonPatch, TestServer.MergePatch, TestServer.StrategicPatch, TestServer.Apply, "application/yaml"];
        HttpMethod[] methods = [HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete];
        for (var i = 0; i < 400; i++)
        {
            var body = new StringBuilder(Good);
            for (var cuts = random.Next(3); cuts >= 0; cuts--)
            {
                var at = random.Next(body.Length);
                switch (random.Next(3))
                {
                    case 0:
                        body.Remove(at, Math.Min(random.Next(6), body.Length - at));
                        break;
                    case 1:
                        body.Insert(at, values[random.Next(values.Length)]);
                        break;
                    default:
                        body[at] = (char)random.Next(1, 0x250);
                        break;
                }
            }

            var method = methods[random.Next(methods.Length)];
            var path = method == HttpMethod.Post ? $"{ns}/configmaps" : $"{ns}/configmaps/m";
            var text = random.Next(4) == 0 ? $$"""[{"op":"replace","path":"/metadata/labels","value":{{values[random.Next(values.Length)]}}}]""" : body.ToString();
            var answer = await server.SendAsync(method, $"{path}?fieldManager=fuzz", text, types[random.Next(types.Length)]);
            Assert.False(answer.Code == HttpStatusCode.InternalServerError && answer.Text.Contains("InternalError", StringComparison.Ordinal), $"{method} {text}: {answer.Text}");
        }

        Assert.Equal("ok", (await server.GetAsync("/readyz")).Text);
    }
}
