using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

public sealed class UpdateTests(TestServer server) : IClassFixture<TestServer>
{
    private async Task<(string Path, Answer Made)> OneAsync()
    {
        var ns = await server.NamespaceAsync();
        return ($"{ns}/configmaps/a", await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a","labels":{"l":"1"}},"data":{"k":"1"}}"""));
    }

    [Fact]
    public async Task An_old_version_conflicts_and_none_goes_through()
    {
        var (path, made) = await OneAsync();
        string Put(string version) => $$$"""{"metadata":{"name":"a"{{{version}}}},"data":{"k":"2"}}""";
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Put, path, Put($",\"resourceVersion\":\"{made.Version}\""))).Code);
        var stale = await server.SendAsync(HttpMethod.Put, path, Put($",\"resourceVersion\":\"{made.Version}\""));
        Assert.Equal(
            (HttpStatusCode.Conflict, "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"),
            (stale.Code, stale.Message));
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Put, path, Put(""))).Code);
        Assert.Equal(HttpStatusCode.Conflict, (await server.SendAsync(HttpMethod.Put, path, Put(",\"uid\":\"another\""))).Code);
        Assert.Equal(HttpStatusCode.Conflict, (await server.PatchAsync(path, TestServer.MergePatch, $$$"""{"metadata":{"resourceVersion":"{{{made.Version}}}"}}""")).Code);
    }

    [Fact]
    public async Task What_belongs_to_the_server_stays()
    {
        var (path, made) = await OneAsync();
        var put = await server.SendAsync(HttpMethod.Put, path, """{"metadata":{"name":"a","creationTimestamp":"2001-02-03T04:05:06Z"},"data":{"k":"2"}}""");
        Assert.Equal((string?)made.Json["metadata"]!["creationTimestamp"], (string?)put.Json["metadata"]!["creationTimestamp"]);
        Assert.Equal((string?)made.Json["metadata"]!["uid"], (string?)put.Json["metadata"]!["uid"]);
        Assert.NotEqual(made.Version, put.Version);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"b"}}""", "the name of the object (b) does not match the name on the URL (a)")]
    [InlineData("""{"metadata":{}}""", "the name of the object (a based on URL) was undeterminable: name must be provided")]
    [InlineData("""{"metadata":{"name":"a","namespace":"default"}}""", "the namespace of the provided object does not match the namespace sent on the request")]
    public async Task The_body_must_be_the_object_of_the_path(string body, string message)
    {
        var (path, _) = await OneAsync();
        var answer = await server.SendAsync(HttpMethod.Put, path, body);
        Assert.Equal((HttpStatusCode.BadRequest, message), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Some_kinds_are_made_by_put_and_most_are_not()
    {
        var ns = await server.NamespaceAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Put, $"{ns}/configmaps/a", """{"metadata":{"name":"a"}}""")).Code);
        var leases = ns.Replace("/api/v1", "/apis/coordination.k8s.io/v1", StringComparison.Ordinal) + "/leases";
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Put, $"{leases}/a", """{"metadata":{"name":"a"}}""")).Code);
        var unguarded = await server.SendAsync(HttpMethod.Put, $"{leases}/a", """{"metadata":{"name":"a"},"spec":{"holderIdentity":"me"}}""");
        Assert.Equal("leases.coordination.k8s.io \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update", unguarded.Message);
    }

    [Fact]
    public async Task Each_kind_of_patch_does_its_work()
    {
        var (path, _) = await OneAsync();
        var merged = await server.PatchAsync(path, TestServer.MergePatch, """{"data":{"k":null,"m":"1"}}""");
        Assert.Equal("""{"m":"1"}""", merged.Json["data"]!.ToJsonString());
        var operated = await server.PatchAsync(path, TestServer.JsonPatch, """[{"op":"test","path":"/data/m","value":"1"},{"op":"add","path":"/data/n","value":"2"}]""");
        Assert.Equal("""{"m":"1","n":"2"}""", operated.Json["data"]!.ToJsonString());
        var strategic = await server.PatchAsync(path, TestServer.StrategicPatch, """{"data":{"$patch":"replace","o":"3"}}""");
        Assert.Equal("""{"o":"3"}""", strategic.Json["data"]!.ToJsonString());
        var guarded = await server.PatchAsync(path, TestServer.JsonPatch, """[{"op":"test","path":"/data/m","value":"1"}]""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "the server rejected our request due to an error in our request"), (guarded.Code, guarded.Message));
        var unfit = await server.PatchAsync(path, TestServer.MergePatch, """{"data":{"k":7}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unfit.Code);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await server.PatchAsync(path, "application/json", "{}")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await server.PatchAsync(path + "x", TestServer.MergePatch, "not even json")).Code);
    }

    [Fact]
    public async Task Scale_reads_and_writes_replicas()
    {
        var ns = (await server.NamespaceAsync()).Replace("/api/v1", "/apis/apps/v1", StringComparison.Ordinal);
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/deployments",
            """{"metadata":{"name":"d"},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        Assert.Equal(1, (int)made.Json["metadata"]!["generation"]!);
        var scale = await server.GetAsync($"{ns}/deployments/d/scale");
        Assert.Equal(("Scale", 2, "a=b"), ((string?)scale.Json["kind"], (int)scale.Json["spec"]!["replicas"]!, (string?)scale.Json["status"]!["selector"]));
        var put = await server.SendAsync(HttpMethod.Put, $"{ns}/deployments/d/scale", """{"metadata":{"name":"d"},"spec":{"replicas":3}}""");
        Assert.Equal(3, (int)put.Json["spec"]!["replicas"]!);
        await server.PatchAsync($"{ns}/deployments/d/scale", TestServer.MergePatch, """{"spec":{"replicas":4}}""");
        var after = await server.GetAsync($"{ns}/deployments/d");
        Assert.Equal((4, 3), ((int)after.Json["spec"]!["replicas"]!, (int)after.Json["metadata"]!["generation"]!));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.PatchAsync($"{ns}/deployments/d/scale", TestServer.MergePatch, """{"spec":{"replicas":-1}}""")).Code);
        await server.PatchAsync($"{ns}/deployments/d/status", TestServer.MergePatch, """{"spec":{"replicas":9},"status":{"replicas":4}}""");
        after = await server.GetAsync($"{ns}/deployments/d");
        Assert.Equal((4, 4, 3), ((int)after.Json["spec"]!["replicas"]!, (int)after.Json["status"]!["replicas"]!, (int)after.Json["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task An_annotation_of_a_Deployment_is_a_new_generation_unless_it_is_written_with_the_status()
    {
        var ns = (await server.NamespaceAsync()).Replace("/api/v1", "/apis/apps/v1", StringComparison.Ordinal);
        await server.SendAsync(HttpMethod.Post, $"{ns}/deployments",
            """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        var beside = await server.PatchAsync($"{ns}/deployments/d/status", TestServer.MergePatch, """{"metadata":{"annotations":{"revision":"1"}}}""");
        Assert.Equal(("1", 1), ((string?)beside.Json["metadata"]!["annotations"]!["revision"], (int)beside.Json["metadata"]!["generation"]!));
        var itself = await server.PatchAsync($"{ns}/deployments/d", TestServer.MergePatch, """{"metadata":{"annotations":{"note":"n"}}}""");
        Assert.Equal(2, (int)itself.Json["metadata"]!["generation"]!);
    }
}
