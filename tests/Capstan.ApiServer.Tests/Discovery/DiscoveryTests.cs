using System.Text.Json.Nodes;
using Capstan.ApiServer.Tests.Catalogues;
using Xunit;

namespace Capstan.ApiServer.Tests.Discovery;

public class DiscoveryTests
{
    private static readonly IReadOnlyList<ApiServer.Aggregation.AggregatedVersion> Nobody = [];

    private readonly Registry.Catalogue _catalogue = new(CatalogueTests.BuiltIn);

    private JsonNode Ask(string path, bool aggregated = false) =>
        JsonNode.Parse(new ApiServer.Http.Discovery(_catalogue, () => Nobody).Document(path, aggregated, "127.0.0.1:6443") ?? throw new InvalidOperationException(path))!;

    [Fact]
    public void Resources_are_told_as_a_real_server_tells_them()
    {
        var body = Ask("/apis/coordination.k8s.io/v1");
        Assert.Equal(
            """{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"coordination.k8s.io/v1","resources":[{"name":"leases","singularName":"lease","namespaced":true,"kind":"Lease","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"storageVersionHash":"gqkMMb/YqFM="}]}""",
            JsonNode.Parse(body.ToJsonString())!.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/apis/events.k8s.io/v1", "events", "r2yiGXH7wu8=")]
    [InlineData("/apis/autoscaling/v1", "horizontalpodautoscalers", "qwQve8ut294=")]
    [InlineData("/api/v1", "namespaces", "Q3oi5N2YM8M=")]
    [InlineData("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", "jfWCUB31mvA=")]
    public void The_storage_hash_is_that_of_the_stored_version(string path, string resource, string hash) =>
        Assert.Equal(hash, (string?)Ask(path)["resources"]!.AsArray().Single(r => (string?)r!["name"] == resource)!["storageVersionHash"]);

    [Fact]
    public void Groups_keep_their_order_and_prefer_the_most_stable_version()
    {
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1beta1", "v1", "v2alpha1"));
        var groups = Ask("/apis")["groups"]!.AsArray();
        Assert.Equal("apiregistration.k8s.io", (string?)groups[0]!["name"]);
        Assert.Equal("apps", (string?)groups[1]!["name"]);
        Assert.Equal("shop.example.com", (string?)groups[^1]!["name"]);
        Assert.Equal("v1", (string?)groups[^1]!["preferredVersion"]!["version"]);
        Assert.Equal(["v1", "v1beta1", "v2alpha1"], groups[^1]!["versions"]!.AsArray().Select(v => (string)v!["version"]!));
    }

    [Fact]
    public void The_aggregated_document_spells_out_the_kinds_of_custom_resources_only()
    {
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1"));
        var items = Ask("/apis", aggregated: true)["items"]!.AsArray();
        JsonNode Resource(string group, int i) => items.Single(g => (string?)g!["metadata"]!["name"] == group)!["versions"]![0]!["resources"]![i]!;
        Assert.Equal("""{"group":"shop.example.com","version":"v1","kind":"Widget"}""", Resource("shop.example.com", 0)["responseKind"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"","kind":"Lease"}""", Resource("coordination.k8s.io", 0)["responseKind"]!.ToJsonString());
        var scale = Resource("apps", 2)["subresources"]!.AsArray().Single(s => (string?)s!["subresource"] == "scale")!;
        Assert.Equal("""{"group":"autoscaling","version":"v1","kind":"Scale"}""", scale["responseKind"]!.ToJsonString());
    }

    [Fact]
    public void Documents_follow_the_catalogue()
    {
        var discovery = new ApiServer.Http.Discovery(_catalogue, () => Nobody);
        Assert.False(discovery.Serves("/apis/shop.example.com/v1"));
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1"));
        Assert.True(discovery.Serves("/apis/shop.example.com/v1"));
        _catalogue.Serve(new("shop.example.com", "widgets"), []);
        Assert.False(discovery.Serves("/apis/shop.example.com/v1"));
        Assert.False(discovery.Serves("/apis/shop.example.com"));
    }
}
