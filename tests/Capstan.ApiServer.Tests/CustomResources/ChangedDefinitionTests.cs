using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.CustomResources;

/// <summary>Objects whose definition is not what it was when they were stored.</summary>
public sealed class ChangedDefinitionTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static string Version(string name, bool storage, string spec, bool served = true) => $$$"""
        {"name":"{{{name}}}","served":{{{(served ? "true" : "false")}}},"storage":{{{(storage ? "true" : "false")}}},
         "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{{{spec}}} },"status":{"type":"object","properties":{"n":{"type":"integer","minimum":0} } } } } },
         "subresources":{"status":{} } }
        """;

    private async Task<string> DefineAsync(string plural, params string[] versions)
    {
        var kind = char.ToUpperInvariant(plural[0]) + plural[1..^1];
        var made = await server.SendAsync(HttpMethod.Post, Definitions, $$$"""
            {"metadata":{"name":"{{{plural}}}.changed.example.com"},"spec":{"group":"changed.example.com","scope":"Namespaced","names":{"plural":"{{{plural}}}","kind":"{{{kind}}}"},
             "versions":[{{{string.Join(',', versions)}}}]}}
            """);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return (await server.NamespaceAsync()).Replace("/api/v1", "/apis/changed.example.com/v1", StringComparison.Ordinal) + "/" + plural;
    }

    private async Task RedefineAsync(string plural, params string[] versions)
    {
        var changed = await server.PatchAsync($"{Definitions}/{plural}.changed.example.com", TestServer.MergePatch, $$$"""{"spec":{"versions":[{{{string.Join(',', versions)}}}]}}""");
        Assert.Equal(HttpStatusCode.OK, changed.Code);
    }

    [Fact]
    public async Task A_default_that_came_later_shows_when_an_older_object_is_read_and_listed()
    {
        var path = await DefineAsync("pots", Version("v1", true, """{"size":{"type":"integer"}}"""));
        var made = await server.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"},"spec":{"size":1},"apiVersion":"changed.example.com/v1","kind":"Pot"}""");
        await RedefineAsync("pots", Version("v1", true, """{"size":{"type":"integer"},"later":{"type":"integer","default":8}}"""));
        var read = await server.GetAsync($"{path}/a");
        Assert.Equal((8, made.Version), ((int)read.Json["spec"]!["later"]!, read.Version));
        Assert.Equal(8, (int)(await server.GetAsync(path)).Json["items"]![0]!["spec"]!["later"]!);

        // A write that changes nothing but what the default adds is a write; the next one is none.
        var touched = await server.PatchAsync($"{path}/a", TestServer.MergePatch, "{}");
        Assert.NotEqual(made.Version, touched.Version);
        Assert.Equal(touched.Version, (await server.PatchAsync($"{path}/a", TestServer.MergePatch, "{}")).Version);
    }

    [Fact]
    public async Task What_a_definition_no_longer_allows_may_stay_as_it_is()
    {
        var path = await DefineAsync("mugs", Version("v1", true, """{"size":{"type":"integer"},"tags":{"type":"array","items":{"type":"string"}},"nest":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}}"""));
        await server.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"},"spec":{"size":1,"tags":["x","x"],"nest":{"a":"long"}},"apiVersion":"changed.example.com/v1","kind":"Mug"}""");
        await RedefineAsync("mugs", Version("v1", true,
            """{"size":{"type":"integer","minimum":5},"tags":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},"nest":{"type":"object","required":["b"],"properties":{"a":{"type":"string","maxLength":2},"b":{"type":"string"}}}}"""));
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"{path}/a", TestServer.MergePatch, """{"metadata":{"labels":{"a":"b"}}}""")).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"{path}/a", TestServer.MergePatch, """{"spec":{"nest":{"b":"new"}}}""")).Code);
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"{path}/a", TestServer.MergePatch, """{"spec":{"tags":["y","y"]}}""")).Code);
        var worse = await server.PatchAsync($"{path}/a", TestServer.MergePatch, """{"spec":{"size":2}}""");
        Assert.Equal("Mug.changed.example.com \"a\" is invalid: spec.size: Invalid value: 2: spec.size in body should be greater than or equal to 5", worse.Message);
    }

    [Fact]
    public async Task The_status_is_checked_alone_and_worded_as_if_it_were_the_object()
    {
        var path = await DefineAsync("cups", Version("v1", true, """{"size":{"type":"integer"}}"""));
        await server.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"},"spec":{"size":1},"apiVersion":"changed.example.com/v1","kind":"Cup"}""");
        var refused = await server.PatchAsync($"{path}/a/status", TestServer.MergePatch, """{"status":{"n":-1}}""");
        Assert.Equal("Cup.changed.example.com \"a\" is invalid: status.n: Invalid value: -1: n in body should be greater than or equal to 0", refused.Message);
        var verb = await server.SendAsync(HttpMethod.Delete, $"{path}/a/status");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "delete is not supported on resources of kind \"cups.changed.example.com\""), (verb.Code, verb.Message));
    }

    [Fact]
    public async Task A_stored_version_keeps_only_what_it_knows()
    {
        var path = await DefineAsync("jars", Version("v1", false, """{"size":{"type":"integer"},"old":{"type":"string"}}"""), Version("v2", true, """{"size":{"type":"integer"}}"""));
        var made = await server.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"},"spec":{"size":1,"old":"x"},"apiVersion":"changed.example.com/v1","kind":"Jar"}""");
        Assert.Equal("""{"size":1}""", made.Json["spec"]!.ToJsonString());
        Assert.Equal("changed.example.com/v1", (string?)made.Json["apiVersion"]);
    }

    [Fact]
    public async Task An_object_in_an_older_stored_version_is_rewritten_by_a_write_that_changes_nothing()
    {
        var path = await DefineAsync("vats", Version("v1", true, """{"size":{"type":"integer"}}"""), Version("v2", false, """{"size":{"type":"integer"}}"""));
        var made = await server.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"},"spec":{"size":1},"apiVersion":"changed.example.com/v1","kind":"Vat"}""");
        Assert.Equal(made.Version, (await server.PatchAsync($"{path}/a", TestServer.MergePatch, "{}")).Version);
        await RedefineAsync("vats", Version("v1", false, """{"size":{"type":"integer"}}"""), Version("v2", true, """{"size":{"type":"integer"}}"""));
        var migrated = await server.PatchAsync($"{path}/a", TestServer.MergePatch, "{}");
        Assert.NotEqual(made.Version, migrated.Version);
        Assert.Equal(migrated.Version, (await server.PatchAsync($"{path}/a", TestServer.MergePatch, "{}")).Version);
    }

    [Fact]
    public async Task Owners_in_a_version_that_is_declared_and_not_served_still_own()
    {
        const string fields = """{"lock":{"type":"string"}}""";
        var path = await DefineAsync("kegs", Version("v1", false, fields), Version("v2", true, fields));
        await server.PatchAsync($"{path}/a?fieldManager=amber", TestServer.Apply, """{"apiVersion":"changed.example.com/v1","kind":"Keg","metadata":{"name":"a"},"spec":{"lock":"iron"}}""");
        await RedefineAsync("kegs", Version("v1", false, fields, served: false), Version("v2", true, fields));
        var v2 = path.Replace("/v1/", "/v2/", StringComparison.Ordinal);
        var conflict = await server.PatchAsync(
            $"{v2}/a?fieldManager=birch", TestServer.Apply, """{"apiVersion":"changed.example.com/v2","kind":"Keg","metadata":{"name":"a"},"spec":{"lock":"brass"}}""");
        Assert.Equal((HttpStatusCode.Conflict, "Apply failed with 1 conflict: conflict with \"amber\": .spec.lock"), (conflict.Code, conflict.Message));
    }

    [Theory]
    [InlineData("short", "metadata.finalizers: \"short\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers")]
    [InlineData("some.example.com", "metadata.finalizers: \"some.example.com\": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers")]
    public async Task A_finalizer_without_a_domain_is_warned_of(string finalizer, string warning)
    {
        var path = await DefineAsync(finalizer[..3] + "s", Version("v1", true, """{"size":{"type":"integer"}}"""));
        var kind = char.ToUpperInvariant(finalizer[0]) + finalizer[1..3];
        var made = await server.SendAsync(HttpMethod.Post, path, $$$"""{"metadata":{"name":"a","finalizers":["{{{finalizer}}}"]},"apiVersion":"changed.example.com/v1","kind":"{{{kind}}}"}""");
        Assert.Equal([$"299 - \"{warning.Replace("\"", "\\\"", StringComparison.Ordinal)}\""], made.Warnings);
        Assert.Empty((await server.PatchAsync($"{path}/a", TestServer.MergePatch, """{"spec":{"size":1}}""")).Warnings);
    }

    [Fact]
    public async Task A_whole_object_inside_has_metadata_of_the_right_types()
    {
        var path = await DefineAsync("boxs", Version("v1", true, """{"any":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}"""));
        var made = await server.SendAsync(HttpMethod.Post, path,
            """{"metadata":{"name":"a"},"spec":{"any":{"apiVersion":"v1","kind":"X","metadata":{"labels":{"a":1}}}},"apiVersion":"changed.example.com/v1","kind":"Box"}""");
        Assert.Equal(
            (HttpStatusCode.BadRequest,
                "Box in version \"v1\" cannot be handled as a Box: spec.any.metadata: Invalid value: {\"labels\":{\"a\":1}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"),
            (made.Code, made.Message));
    }
}
