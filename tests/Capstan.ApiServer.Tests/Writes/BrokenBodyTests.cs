using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Writes;

/// <summary>Bodies that cannot be read; the words are those of a real kube-apiserver 1.36.</summary>
public sealed class BrokenBodyTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Unrecognised = "the object provided is unrecognized (must be of type ConfigMap): ";

    [Theory]
    [InlineData("""{"a":tru}""", "invalid character '}' in literal true (expecting 'e')")]
    [InlineData("nul", "invalid character ' ' in literal null (expecting 'l')")]
    [InlineData("""{"a":1""", "unexpected end of JSON input")]
    [InlineData("""{"a" 1}""", "invalid character '1' after object key")]
    [InlineData("""{"a":1 "b":2}""", "invalid character '\"' after object key:value pair")]
    [InlineData("""{"a":[1 2]}""", "invalid character '2' after array element")]
    [InlineData("""{"a":01}""", "invalid character '1' after object key:value pair")]
    [InlineData("""{"a":"\x"}""", "invalid character 'x' in string escape code")]
    [InlineData("""{"a":"\u12G4"}""", "invalid character 'G' in \\u hexadecimal character escape")]
    [InlineData("{'a':1}", "invalid character '\\'' looking for beginning of object key string")]
    [InlineData("""{"a":1}}""", "invalid character '}' after top-level value")]
    [InlineData("""{"a":1.}""", "invalid character '}' after decimal point in numeric literal")]
    [InlineData("""{"a":1e}""", "invalid character '}' in exponent of numeric literal")]
    [InlineData("""{"a":-}""", "invalid character '}' in numeric literal")]
    [InlineData("{,}", "invalid character ',' looking for beginning of object key string")]
    [InlineData("{\"a\":\"b\nc\"}", "invalid character '\\n' in string literal")]
    [InlineData("""{"a":1,}""", "invalid character '}' looking for beginning of object key string")]
    [InlineData("""{"a":}""", "invalid character '}' looking for beginning of value")]
    public async Task Broken_JSON_says_which_character_cannot_stand_where_it_stands(string body, string fault)
    {
        var answer = await server.SendAsync(HttpMethod.Post, $"{await server.NamespaceAsync()}/configmaps", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Code);
        Assert.StartsWith($"{Unrecognised}couldn't get version/kind; json parse error: {fault} (", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"a"}}""", "invalid object type: /v2, Kind=ConfigMap")]
    [InlineData("""{"apiVersion":"apps/v1","kind":"ConfigMap","metadata":{"name":"a"}}""", "invalid object type: apps/v1, Kind=ConfigMap")]
    [InlineData("", "invalid object type: /, Kind=")]
    [InlineData("- a\n", "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    public async Task What_is_applied_must_be_an_object_of_the_path(string body, string fault)
    {
        var answer = await server.PatchAsync($"{await server.NamespaceAsync()}/configmaps/a?fieldManager=m", TestServer.Apply, body);
        Assert.Equal((HttpStatusCode.BadRequest, fault), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task A_patch_cannot_make_another_kind()
    {
        var ns = await server.NamespaceAsync();
        await server.SendAsync(HttpMethod.Post, $"{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        var other = await server.PatchAsync($"{ns}/configmaps/a", TestServer.MergePatch, """{"kind":"Secret"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Code);
        Assert.EndsWith(": converting (v1.Secret) to (core.ConfigMap): unknown conversion", other.Message, StringComparison.Ordinal);
        var unknown = await server.PatchAsync($"{ns}/configmaps/a", TestServer.JsonPatch, """[{"op":"replace","path":"/apiVersion","value":"v2"}]""");
        Assert.EndsWith(": no kind \"ConfigMap\" is registered for version \"v2\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"{ns}/configmaps/a", TestServer.StrategicPatch, """{"kind":"Secret"}""")).Code);
    }

    [Theory]
    [InlineData("POST", "/a")]
    [InlineData("PUT", "")]
    [InlineData("PATCH", "")]
    public async Task Objects_are_made_at_their_collection_and_changed_at_their_own_path(string method, string name)
    {
        var answer = await server.SendAsync(new HttpMethod(method), $"{await server.NamespaceAsync()}/configmaps{name}", """{"metadata":{"name":"a"}}""", method == "PATCH" ? TestServer.MergePatch : "application/json");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "the server does not allow this method on the requested resource"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task A_definition_with_an_unknown_format_is_warned_of_once()
    {
        const string path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var made = await server.SendAsync(HttpMethod.Post, path, """
            {"metadata":{"name":"shoes.broken.example.com"},"spec":{"group":"broken.example.com","scope":"Namespaced","names":{"plural":"shoes","kind":"Shoe"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{
              "size":{"type":"string","format":"shoe-size"},"when":{"type":"string","format":"date-time"},"n":{"type":"integer","format":"int32"} } } } } } }]}}
            """);
        Assert.Equal((HttpStatusCode.Created, "299 - \"unrecognized format \\\"shoe-size\\\"\""), (made.Code, Assert.Single(made.Warnings)));
        Assert.Empty((await server.PatchAsync($"{path}/shoes.broken.example.com", TestServer.MergePatch, """{"metadata":{"labels":{"a":"b"}}}""")).Warnings);
    }
}
