using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

public sealed class ScaleTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Definition = """
        {"metadata":{"name":"herds.scale.example.com"},"spec":{"group":"scale.example.com","scope":"Namespaced","names":{"plural":"herds","kind":"Herd"},
         "versions":[{"name":"v1","served":true,"storage":true,
          "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"head":{"type":"integer"},"dog":{"type":"string"}}},
                                                                   "status":{"type":"object","properties":{"seen":{"type":"integer"}}}}}},
          "subresources":{"status":{},"scale":{"specReplicasPath":".spec.head","statusReplicasPath":".status.seen"}}}]}}
        """;

    private async Task<string> HerdAsync(string spec)
    {
        var ns = (await server.NamespaceAsync()).Replace("/api/v1", "/apis/scale.example.com/v1", StringComparison.Ordinal);
        await server.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition);
        var made = await server.PatchAsync(
            $"{ns}/herds/sheep?fieldManager=amber", TestServer.Apply, $$$"""{"apiVersion":"scale.example.com/v1","kind":"Herd","metadata":{"name":"sheep"},"spec":{{{spec}}} }""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return $"{ns}/herds/sheep";
    }

    private static string Scale(int replicas) => $$$"""{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"sheep"},"spec":{"replicas":{{{replicas}}} } }""";

    private async Task<IEnumerable<string>> OwnersAsync(string path) =>
        (await server.GetAsync(path)).Json["metadata"]!["managedFields"]!.AsArray()
            .Select(e => $"{e!["manager"]} {e["operation"]} {e["subresource"]} {e["apiVersion"]} {e["fieldsV1"]!.ToJsonString()}").Order(StringComparer.Ordinal);

    [Fact]
    public async Task Who_applies_a_scale_owns_the_number_in_the_object()
    {
        var path = await HerdAsync("""{"head":3,"dog":"rex"}""");
        var conflict = await server.PatchAsync($"{path}/scale?fieldManager=birch", TestServer.Apply, Scale(5));
        Assert.Equal((HttpStatusCode.Conflict, "Apply failed with 1 conflict: conflict with \"amber\": .spec.replicas"), (conflict.Code, conflict.Message));
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"{path}/scale?fieldManager=birch", TestServer.Apply, Scale(3))).Code);
        Assert.Equal(
            ["""amber Apply  scale.example.com/v1 {"f:spec":{"f:dog":{},"f:head":{}}}""", """birch Apply scale scale.example.com/v1 {"f:spec":{"f:head":{}}}"""],
            await OwnersAsync(path));
    }

    [Fact]
    public async Task An_apply_that_changes_the_scale_of_a_custom_resource_fails_as_in_Kubernetes()
    {
        var path = await HerdAsync("""{"head":3}""");
        var failed = await server.PatchAsync($"{path}/scale?fieldManager=birch&force=true", TestServer.Apply, Scale(5));
        Assert.Equal(
            (HttpStatusCode.InternalServerError,
                "failed to convert new object (/sheep; autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1"),
            (failed.Code, failed.Message));
        Assert.Equal(3, (int?)(await server.GetAsync(path)).Json["spec"]!["head"]);
    }

    [Fact]
    public async Task Who_patches_a_scale_takes_the_number_from_its_owner()
    {
        var path = await HerdAsync("""{"head":3,"dog":"rex"}""");
        Assert.Equal(7, (int?)(await server.PatchAsync($"{path}/scale?fieldManager=fence", TestServer.MergePatch, """{"spec":{"replicas":7}}""")).Json["spec"]!["replicas"]);
        Assert.Equal(
            ["""amber Apply  scale.example.com/v1 {"f:spec":{"f:dog":{}}}""", """fence Update scale scale.example.com/v1 {"f:spec":{"f:head":{}}}"""],
            await OwnersAsync(path));
        var conflict = await server.PatchAsync(
            $"{path}?fieldManager=amber", TestServer.Apply, """{"apiVersion":"scale.example.com/v1","kind":"Herd","metadata":{"name":"sheep"},"spec":{"head":3,"dog":"rex"}}""");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"fence\" with subresource \"scale\" using scale.example.com/v1: .spec.head", conflict.Message);
    }

    [Fact]
    public async Task A_number_that_was_never_set_cannot_be_read_and_must_be_given()
    {
        var path = await HerdAsync("""{"dog":"rex"}""");
        var read = await server.GetAsync($"{path}/scale");
        Assert.Equal((HttpStatusCode.InternalServerError, "Internal error occurred: the spec replicas field \".spec.head\" does not exist"), (read.Code, read.Message));
        var empty = await server.PatchAsync($"{path}/scale", TestServer.MergePatch, """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Equal((HttpStatusCode.BadRequest, "the spec replicas field \".spec.head\" cannot be empty"), (empty.Code, empty.Message));
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"{path}/scale", TestServer.MergePatch, """{"spec":{"replicas":2}}""")).Code);
        var negative = await server.PatchAsync($"{path}/scale", TestServer.MergePatch, """{"spec":{"replicas":-2}}""");
        Assert.Equal("Herd.scale.example.com \"sheep\" is invalid: .spec.head: Invalid value: -2: should be a non-negative integer", negative.Message);
    }

    [Fact]
    public async Task A_built_in_scale_is_applied()
    {
        var ns = (await server.NamespaceAsync()).Replace("/api/v1", "/apis/apps/v1", StringComparison.Ordinal);
        await server.SendAsync(HttpMethod.Post, $"{ns}/deployments?fieldManager=maker", """
            {"metadata":{"name":"sheep"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        var forced = await server.PatchAsync($"{ns}/deployments/sheep/scale?fieldManager=birch&force=true", TestServer.Apply, Scale(4));
        Assert.Equal((HttpStatusCode.OK, 4), (forced.Code, (int)forced.Json["spec"]!["replicas"]!));
        Assert.Contains("""birch Apply scale apps/v1 {"f:spec":{"f:replicas":{}}}""", await OwnersAsync($"{ns}/deployments/sheep"));
        var unknown = await server.PatchAsync($"{ns}/deployments/sheep/scale?fieldValidation=Strict", TestServer.MergePatch, """{"spec":{"replcas":4}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unknown.Code);
        Assert.EndsWith("strict decoding error: unknown field \"spec.replcas\"", unknown.Message, StringComparison.Ordinal);
    }
}
