using System.Text.Json.Nodes;
using Capstan.ApiServer.Tests.Catalogues;
using Xunit;

namespace Capstan.ApiServer.Tests.Discovery;

public class DiscoveryTests
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private readonly Registry.Catalogue _catalogue = new(CatalogueTests.BuiltIn);

    private (JsonNode Body, string Type) Ask(string path, string? accept = null)
    {
        Assert.True(new ApiServer.Http.Discovery(_catalogue).TryAnswer(path, accept, "127.0.0.1:6443", out var body, out var type), path);
        return (JsonNode.Parse(body)!, type);
    }

    [Fact]
    public void Resources_are_told_as_a_real_server_tells_them()
    {
        var (body, type) = Ask("/apis/coordination.k8s.io/v1");
        Assert.Equal("application/json", type);
        Assert.Equal(
            """{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"coordination.k8s.io/v1","resources":[{"name":"leases","singularName":"lease","namespaced":true,"kind":"Lease","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"storageVersionHash":"gqkMMb/YqFM="}]}""",
            JsonNode.Parse(body.ToJsonString())!.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/apis/events.k8s.io/v1", "events", "r2yiGXH7wu8=")]
    [InlineData("/apis/autoscaling/v1", "horizontalpodautoscalers", "qwQve8ut294=")]
    [InlineData("/api/v1", "namespaces", "Q3oi5N2YM8M=")]
    public void The_storage_hash_is_that_of_the_stored_version(string path, string resource, string hash) =>
        Assert.Equal(hash, (string?)Ask(path).Body["resources"]!.AsArray().Single(r => (string?)r!["name"] == resource)!["storageVersionHash"]);

    [Fact]
    public void Groups_keep_their_order_and_prefer_the_most_stable_version()
    {
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1beta1", "v1", "v2alpha1"));
        var groups = Ask("/apis").Body["groups"]!.AsArray();
        Assert.Equal("apiregistration.k8s.io", (string?)groups[0]!["name"]);
        Assert.Equal("apps", (string?)groups[1]!["name"]);
        Assert.Equal("shop.example.com", (string?)groups[^1]!["name"]);
        Assert.Equal("v1", (string?)groups[^1]!["preferredVersion"]!["version"]);
        Assert.Equal(["v1", "v1beta1", "v2alpha1"], groups[^1]!["versions"]!.AsArray().Select(v => (string)v!["version"]!));
    }

    [Theory]
    [InlineData(Aggregated, true)]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList," + Aggregated + ",application/json", true)]
    [InlineData("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", false)]
    [InlineData("application/json," + Aggregated, false)]
    [InlineData(null, false)]
    public void The_first_known_form_of_the_accept_header_counts(string? accept, bool aggregated)
    {
        var (body, type) = Ask("/apis", accept);
        Assert.Equal(aggregated ? "APIGroupDiscoveryList" : "APIGroupList", (string?)body["kind"]);
        Assert.Equal(aggregated ? Aggregated : "application/json", type);
    }

    [Fact]
    public void The_aggregated_document_spells_out_the_kinds_of_custom_resources_only()
    {
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1"));
        var items = Ask("/apis", Aggregated).Body["items"]!.AsArray();
        JsonNode Resource(string group, int i) => items.Single(g => (string?)g!["metadata"]!["name"] == group)!["versions"]![0]!["resources"]![i]!;
        Assert.Equal("""{"group":"shop.example.com","version":"v1","kind":"Widget"}""", Resource("shop.example.com", 0)["responseKind"]!.ToJsonString());
        Assert.Equal("""{"group":"","version":"","kind":"Lease"}""", Resource("coordination.k8s.io", 0)["responseKind"]!.ToJsonString());
        var scale = Resource("apps", 2)["subresources"]!.AsArray().Single(s => (string?)s!["subresource"] == "scale")!;
        Assert.Equal("""{"group":"autoscaling","version":"v1","kind":"Scale"}""", scale["responseKind"]!.ToJsonString());
    }

    [Fact]
    public void Documents_follow_the_catalogue()
    {
        var discovery = new ApiServer.Http.Discovery(_catalogue);
        Assert.False(discovery.TryAnswer("/apis/shop.example.com/v1", null, "", out _, out _));
        _catalogue.Serve(new("shop.example.com", "widgets"), CatalogueTests.Custom("shop.example.com", "v1"));
        Assert.True(discovery.TryAnswer("/apis/shop.example.com/v1/", null, "", out _, out _));
        _catalogue.Serve(new("shop.example.com", "widgets"), []);
        Assert.False(discovery.TryAnswer("/apis/shop.example.com/v1", null, "", out _, out _));
        Assert.False(discovery.TryAnswer("/apis/shop.example.com", null, "", out _, out _));
    }
}
