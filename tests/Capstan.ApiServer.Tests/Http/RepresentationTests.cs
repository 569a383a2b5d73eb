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
    [InlineData("application/json;as=Table;g=meta.k8s.io", 406)]
    [InlineData("application/*", 406)]
    [InlineData("application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1", 406)]
    [InlineData("text/html, */*;q=0.8", 200)]
    [InlineData("application/json;q=0.5, application/yaml;q=0.9", 200, "application/yaml")]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", 200, "application/vnd.kubernetes.protobuf")]
    public async Task Of_several_wishes_the_best_that_can_be_had_counts(string accept, int code, string type = "application/json")
    {
        var answer = await server.GetAsync("/api/v1/namespaces/default", accept);
        Assert.Equal((code, type), ((int)answer.Code, answer.Type));
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default")]
    [InlineData("/api/v1/namespaces")]
    [InlineData("/apis/rbac.authorization.k8s.io/v1/clusterroles")]
    [InlineData("/api/v1/namespaces/default/services/none")]
    [InlineData("/api/v1/namespaces/default/configmaps/none")]
    [InlineData("/apis/apps/v1")]
    public async Task Protobuf_says_the_same_as_json(string path)
    {
        var bytes = await BytesAsync(path, "application/vnd.kubernetes.protobuf");
        var json = await server.GetAsync(path);
        Assert.Equal((byte)'k', bytes[0]);

        // Lists have no message of their own that could be read back: their items stand in them one after the other.
        if (json.Json["items"] is not JsonArray items)
        {
            Assert.Equal(Sorted(json.Json).ToJsonString(), Sorted(JsonNode.Parse(Capstan.ApiServer.Http.Protobuf.ProtobufBody.ToJson(bytes))!).ToJsonString());
            return;
        }

        Assert.All(items, item => Assert.Contains((string)item!["metadata"]!["uid"]!, System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_custom_resource_has_no_protobuf()
    {
        var made = await server.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"beans.accept.example"},"spec":{"group":"accept.example","scope":"Cluster",
            "names":{"plural":"beans","kind":"Bean"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
            """);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Answer answer;
        do
        {
            answer = await server.GetAsync("/apis/accept.example/v1/beans", "application/vnd.kubernetes.protobuf");
        }
        while (answer.Code == HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NotAcceptable, answer.Code);
        Assert.Equal("application/vnd.kubernetes.protobuf", answer.Type);

        // What it is refused with are the words of all kinds, and its metadata is to be had.
        Assert.Equal(
            "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
            (await server.GetAsync("/apis/accept.example/v1/beans", "text/plain")).Message);
        var metadata = await server.GetAsync("/apis/accept.example/v1/beans", "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        Assert.Equal((HttpStatusCode.OK, "application/vnd.kubernetes.protobuf"), (metadata.Code, metadata.Type));
    }

    [Theory]
    [InlineData("application/yaml", "items")]
    [InlineData("application/yaml;as=Table;v=v1;g=meta.k8s.io", "rows")]
    [InlineData("application/yaml;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "items")]
    public async Task Lists_say_the_same_in_yaml_as_in_json(string accept, string field)
    {
        var ns = await OneAsync();
        for (var i = 0; i < 5; i++)
        {
            await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", $$$"""{"metadata":{"name":"c{{{i}}}"},"data":{"k":"{{{new string('x', 20_000)}}}"}}""");
        }

        var yaml = await server.GetAsync($"{ns}/configmaps", accept);
        var json = await server.GetAsync($"{ns}/configmaps", accept.Replace("yaml", "json", StringComparison.Ordinal));
        Assert.Equal(6, json.Json[field]!.AsArray().Count);
        Assert.Equal("application/yaml", yaml.Type);
        Assert.Equal(Ageless(json.Json), Ageless(Reordered(Capstan.Yaml.YamlReader.ReadFirst(yaml.Text, "list", [])!, json.Json)));
    }

    // A second may pass between two requests.
    private static string Ageless(JsonNode node) => System.Text.RegularExpressions.Regex.Replace(node.ToJsonString(), "\"\\d+s\"", "\"age\"");

    // The fields in the order of another document, so that both read the same.
    private static JsonNode Reordered(JsonNode node, JsonNode like) => (node, like) switch
    {
        (JsonObject a, JsonObject b) => new JsonObject(a.OrderBy(p => b.IndexOf(p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value is null || b[p.Key] is null ? p.Value?.DeepClone() : Reordered(p.Value, b[p.Key]!)))),
        (JsonArray a, JsonArray b) when a.Count == b.Count => new JsonArray([.. a.Zip(b, (x, y) => x is null || y is null ? x?.DeepClone() : Reordered(x, y))]),
        _ => node.DeepClone(),
    };

    // What is empty or zero is as good as absent in protobuf.
    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject obj => new JsonObject(obj.Where(p => p.Key != "namespaced" && p.Value is not JsonObject { Count: 0 } && (p.Value is not JsonValue value || value.ToJsonString() is not ("\"\"" or "0" or "false")))
            .OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Sorted(p.Value!)))),
        JsonArray items => new JsonArray([.. items.Select(i => Sorted(i!))]),
        _ => node.DeepClone(),
    };

    private async Task<byte[]> BytesAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        using var response = await server.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")]
    [InlineData("/apis", "application/*;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")]
    [InlineData("/api", "application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")]
    [InlineData("/apis", "application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")]
    [InlineData("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", "application/json")]
    [InlineData("/apis", "application/json;q=0.1,application/yaml", "application/yaml")]
    [InlineData("/apis/apps", "application/yaml", "application/yaml")]
    [InlineData("/apis/apps/v1", "application/yaml", "application/yaml")]
    [InlineData("/apis/apps/v1", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData("/apis/apps/v1", "text/html", "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData("/apis/apps", "text/html", "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData("/version", "text/html", "406: Not Acceptable\n\nAvailable representations: application/json")]
    public async Task Discovery_has_the_form_that_is_wished(string path, string accept, string typeOrFault)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await server.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        if (response.IsSuccessStatusCode)
        {
            Assert.Equal(typeOrFault, Assert.Single(response.Content.Headers.GetValues("Content-Type")).Replace("; ", ";", StringComparison.Ordinal));
            return;
        }

        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
        Assert.Equal(typeOrFault, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["message"]);
    }

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
