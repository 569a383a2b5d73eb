using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

/// <summary>Whose the fields are that every object of a kind has, whether or not anybody wrote them. Answers of a real Kubernetes.</summary>
public sealed class ZeroFieldTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Roles = "apis/rbac.authorization.k8s.io/v1";
    private const string Workload = "\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";

    private async Task<Answer> CreateAsync(string api, string plural, string body)
    {
        var ns = (await server.NamespaceAsync()).Split('/')[^1];
        var made = await server.SendAsync(HttpMethod.Post, $"/{api}/namespaces/{ns}/{plural}", body);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return made;
    }

    private static JsonNode? Owned(Answer made) => made.Json["metadata"]!["managedFields"]?[0]!["fieldsV1"];

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"rules":null}""", false)]
    [InlineData("""{"rules":[]}""", true)]
    public async Task Who_writes_an_empty_list_owns_it_though_it_is_stored_as_nothing(string body, bool isOwned)
    {
        var role = JsonNode.Parse(body)!;
        role["metadata"] = new JsonObject { ["name"] = "r" };
        var made = await CreateAsync(Roles, "roles", role.ToJsonString());
        Assert.True(made.Json.AsObject().ContainsKey("rules"));
        Assert.Null(made.Json["rules"]);
        Assert.Equal(isOwned ? """{"f:rules":{}}""" : null, Owned(made)?.ToJsonString());
    }

    [Fact]
    public async Task Who_empties_nothing_owns_it_as_well()
    {
        var made = await CreateAsync(Roles, "roles", """{"metadata":{"name":"r","labels":{"a":"b"}}}""");
        var path = $"/{Roles}/namespaces/{made.Json["metadata"]!["namespace"]}/roles/r";
        var patched = await server.PatchAsync(path, TestServer.MergePatch, """{"rules":[]}""");
        Assert.Equal("""{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:rules":{}}""", Owned(patched)?.ToJsonString());
        Assert.Null(patched.Json["rules"]);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"s"},"spec":{WORKLOAD}}""")]
    [InlineData("""{"metadata":{"name":"s"},"spec":{"serviceName":"",WORKLOAD}}""")]
    public async Task A_text_that_is_always_there_belongs_to_nobody_while_it_is_empty(string body)
    {
        var made = await CreateAsync("apis/apps/v1", "statefulsets", body.Replace("WORKLOAD", Workload, StringComparison.Ordinal));
        Assert.Equal("", (string?)made.Json["spec"]!["serviceName"]);
        Assert.DoesNotContain("f:serviceName", Owned(made)!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_owned_where_they_say_something()
    {
        var ns = await server.NamespaceAsync();
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/events", $$$"""
            {"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"{{{ns.Split('/')[^1]}}}"},"reason":"R","message":"","source":{"component":"c"}}
            """);
        Assert.Equal("""{"f:involvedObject":{},"f:reason":{},"f:source":{"f:component":{}}}""", Owned(made)!.ToJsonString());
        Assert.Equal("", (string?)made.Json["reportingComponent"]);
    }

    [Fact]
    public async Task A_pointer_that_is_always_written_is_null_when_nobody_set_it()
    {
        var made = await CreateAsync("api/v1", "persistentvolumeclaims", """
            {"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSource":{"kind":"PersistentVolumeClaim","name":"x"}}}
            """);
        var source = made.Json["spec"]!["dataSource"]!.AsObject();
        Assert.True(source.ContainsKey("apiGroup"));
        Assert.Null(source["apiGroup"]);
    }
}
