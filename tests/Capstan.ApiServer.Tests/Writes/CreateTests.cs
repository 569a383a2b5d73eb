using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

public sealed class CreateTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task The_server_fills_its_own_metadata()
    {
        var ns = await server.NamespaceAsync();
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps",
            """{"metadata":{"name":"a","uid":"mine","creationTimestamp":"2001-02-03T04:05:06Z","deletionTimestamp":"2030-01-01T00:00:00Z","selfLink":"/x"},"data":{"k":"v"}}""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        var metadata = made.Json["metadata"]!.AsObject();
        Assert.True(Guid.TryParse((string?)metadata["uid"], out _));
        Assert.DoesNotContain("2001", (string?)metadata["creationTimestamp"], StringComparison.Ordinal);
        Assert.Null(metadata["deletionTimestamp"]);
        Assert.Equal(ns.Split('/')[^1], (string?)metadata["namespace"]);
        var owner = Assert.Single(metadata["managedFields"]!.AsArray())!;
        Assert.Equal("tests", (string?)owner["manager"]);
        Assert.Equal("""{"f:data":{".":{},"f:k":{}}}""", owner["fieldsV1"]!.ToJsonString());
        Assert.Equal(made.Text, (await server.GetAsync($"{ns}/configmaps/a")).Text);
    }

    [Fact]
    public async Task A_name_is_taken_once_and_generated_ones_differ()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        var again = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal((HttpStatusCode.Conflict, "AlreadyExists", "configmaps \"a\" already exists"), (again.Code, again.Reason, again.Message));
        var first = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"generateName":"g-"}}""");
        var second = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"generateName":"g-"}}""");
        Assert.Matches("^g-[a-z0-9]{5}$", (string)first.Json["metadata"]!["name"]!);
        Assert.NotEqual((string?)first.Json["metadata"]!["name"], (string?)second.Json["metadata"]!["name"]);
    }

    [Fact]
    public async Task A_dry_run_leaves_nothing()
    {
        var ns = await server.NamespaceAsync();
        var dry = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps?dryRun=All", """{"metadata":{"name":"a"}}""");
        Assert.Equal(HttpStatusCode.Created, dry.Code);
        Assert.Null(dry.Json["metadata"]!["resourceVersion"]);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"{ns}/configmaps/a")).Code);
    }

    [Fact]
    public async Task A_namespace_must_be_there_and_match()
    {
        var ns = await server.NamespaceAsync();
        var nowhere = await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal((HttpStatusCode.NotFound, "namespaces \"nowhere\" not found"), (nowhere.Code, nowhere.Message));
        var other = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a","namespace":"default"}}""");
        Assert.Equal((HttpStatusCode.BadRequest, "the namespace of the provided object does not match the namespace sent on the request"), (other.Code, other.Message));
    }

    [Fact]
    public async Task Unknown_and_repeated_fields_are_told_or_refused()
    {
        var ns = await server.NamespaceAsync();
        const string Body = """{"metadata":{"name":"a"},"data":{"k":"1","k":"2"},"colour":"red"}""";
        var strict = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps?fieldValidation=Strict", Body);
        Assert.Equal("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field \"data.k\", unknown field \"colour\"", strict.Message);
        var ignore = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps?fieldValidation=Ignore&dryRun=All", Body);
        Assert.Empty(ignore.Warnings);
        var warn = await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", Body);
        Assert.Equal(["299 - \"duplicate field \\\"data.k\\\"\"", "299 - \"unknown field \\\"colour\\\"\""], warn.Warnings);
        Assert.Equal("2", (string?)warn.Json["data"]!["k"]);
        Assert.Null(warn.Json["colour"]);
    }

    [Fact]
    public async Task What_is_too_large_is_not_stored()
    {
        var ns = await server.NamespaceAsync();
        var large = $$$$"""{"metadata":{"name":"a","annotations":{"x":"{{{{new string('x', 300 << 10)}}}}"}}}""";
        Assert.Contains("metadata.annotations: Too long", (await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", large)).Message, StringComparison.Ordinal);
        var larger = $$$"""{"metadata":{"name":"a"},"spec":{"holderIdentity":"{{{new string('x', 1700 << 10)}}}"}}""";
        var answer = await server.SendAsync(HttpMethod.Post, ns.Replace("/api/v1", "/apis/coordination.k8s.io/v1", StringComparison.Ordinal) + "/leases", larger);
        Assert.Equal((HttpStatusCode.InternalServerError, "etcdserver: request is too large"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Many_writers_of_one_object_lose_no_change()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"shared"}}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            server.PatchAsync($"{ns}/configmaps/shared", TestServer.MergePatch, $$$"""{"data":{"k{{{i}}}":"v"}}""")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Code));
        Assert.Equal(40, (await server.GetAsync($"{ns}/configmaps/shared")).Json["data"]!.AsObject().Count);
        Assert.Equal(40, answers.Select(a => a.Version).Distinct().Count());
    }
}
