using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Http;

public sealed class RepresentationTests(TestServer server) : IClassFixture<TestServer>
{
    private async Task<string> OneAsync()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a","labels":{"l":"m"}},"data":{"k":"v"}}""");
        return ns;
    }

    [Fact]
    public async Task Yaml_is_sorted_and_read_back()
    {
        var ns = await OneAsync();
        var yaml = await server.GetAsync($"{ns}/configmaps/a", "application/yaml");
        Assert.Equal("application/yaml", yaml.Type);
        Assert.StartsWith("apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n", yaml.Text, StringComparison.Ordinal);
        var put = await server.SendAsync(HttpMethod.Put, $"{ns}/configmaps/a", yaml.Text.Replace("k: v", "k: w", StringComparison.Ordinal), "application/yaml");
        Assert.Equal("w", (string?)put.Json["data"]!["k"]);
        Assert.Contains("code: 404", (await server.GetAsync($"{ns}/configmaps/b", "application/yaml")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_can_be_had_alone()
    {
        var ns = await OneAsync();
        var one = await server.GetAsync($"{ns}/configmaps/a", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
        Assert.Equal(["kind", "apiVersion", "metadata"], one.Json.AsObject().Select(p => p.Key));
        Assert.Equal("m", (string?)one.Json["metadata"]!["labels"]!["l"]);
        var list = await server.GetAsync($"{ns}/configmaps", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        Assert.Equal("PartialObjectMetadata", (string?)list.Json["items"]![0]!["kind"]);
        Assert.Equal(HttpStatusCode.NotAcceptable, (await server.GetAsync($"{ns}/configmaps", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")).Code);
    }

    [Fact]
    public async Task A_table_has_a_row_for_each()
    {
        var ns = await OneAsync();
        var table = await server.GetAsync($"{ns}/configmaps", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        Assert.Equal("Table", (string?)table.Json["kind"]);
        Assert.Equal("a", (string?)Assert.Single(table.Json["rows"]!.AsArray())!["cells"]![0]);
    }

    [Theory]
    [InlineData("text/html", 406)]
    [InlineData("application/json;as=Nonsense;g=meta.k8s.io;v=v1", 406)]
    [InlineData("application/vnd.kubernetes.protobuf", 406)]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", 200)]
    [InlineData("text/html, */*;q=0.8", 200)]
    public async Task Of_several_wishes_the_first_that_can_be_had_counts(string accept, int code) =>
        Assert.Equal(code, (int)(await server.GetAsync("/api/v1/namespaces/default", accept)).Code);

    [Fact]
    public async Task Large_answers_are_compressed_when_asked()
    {
        var ns = await server.NamespaceAsync();
        for (var i = 0; i < 4; i++)
        {
            await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", $$$"""{"metadata":{"name":"big{{{i}}}"},"data":{"k":"{{{new string('x', 50_000)}}}"}}""");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ns}/configmaps");
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await server.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("gzip", response.Content.Headers.ContentEncoding);
        await using var plain = new GZipStream(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        var list = await JsonNode.ParseAsync(plain, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(4, list!["items"]!.AsArray().Count);
        Assert.Null(list["items"]![0]!["kind"]);
    }

    [Fact]
    public async Task Pretty_is_indented() =>
        Assert.StartsWith("{\n  \"kind\": \"Namespace\",\n  \"apiVersion\": \"v1\",", (await server.GetAsync("/api/v1/namespaces/default?pretty=true")).Text, StringComparison.Ordinal);
}
