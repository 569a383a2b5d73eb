using System.Text.Json.Nodes;
using Capstan.Patching;
using Xunit;

namespace Capstan.Objects.Tests.Patching;

public class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/0","value":0},{"op":"add","path":"/a/-","value":9}]""", """{"a":[0,1,2,9]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/2","value":3},{"op":"add","path":"/a/01","value":7}]""", """{"a":[1,7,2,3]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"replace","path":"/a/-1","value":"last"},{"op":"add","path":"/a/-1","value":"end"}]""", """{"a":[1,"last","end"]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"/a/0"}]""", """{"a":[2]}""")]
    [InlineData("""{"a":{"b/c":1,"d~e":2}}""", """[{"op":"replace","path":"/a/b~1c","value":3},{"op":"remove","path":"/a/d~0e"},{"op":"add","path":"/a/~01","value":0}]""", """{"a":{"b/c":3,"~1":0}}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"/new","value":2}]""", """{"a":1,"new":2}""")]
    [InlineData("""{"a":{"x":1}}""", """[{"op":"move","from":"/a/x","path":"/b"},{"op":"copy","from":"/b","path":"/a/y"}]""", """{"a":{"y":1},"b":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/a","value":1},{"op":"test","path":"/gone","value":null},{"op":"test","path":"","value":{"a":1}}]""", """{"a":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/","value":"empty key"}]""", """{"a":1,"":"empty key"}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/n","value":null}]""", """{"a":1,"n":null}""")]
    public void Applies(string document, string patch, string expected)
    {
        var before = JsonNode.Parse(document)!;
        Assert.Equal(expected, JsonPatch.Apply(before, JsonNode.Parse(patch)!.AsArray()).ToJsonString());
        Assert.Equal(document, before.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/list/9","value":0}]""", "error in add for path: '/list/9': Unable to access invalid index: 9: invalid index referenced")]
    [InlineData("""[{"op":"replace","path":"/list/7","value":0}]""", "Unable to access invalid index: 7: invalid index referenced")]
    [InlineData("""[{"op":"remove","path":"/list/-"}]""", "error in remove for path: '/list/-': value was not a proper array index: '-'")]
    [InlineData("""[{"op":"remove","path":"/list/-20"}]""", "error in remove for path: '/list/-20': Unable to access invalid index: -20: invalid index referenced")]
    [InlineData("""[{"op":"remove","path":"/gone"}]""", "error in remove for path: '/gone': Unable to remove nonexistent key: gone: missing value")]
    [InlineData("""[{"op":"replace","path":"/gone/x","value":1}]""", "replace operation does not apply: doc is missing path: /gone/x: missing value")]
    [InlineData("""[{"op":"add","path":"/scalar/x","value":1}]""", "add operation does not apply: doc is missing path: \"/scalar/x\": missing value")]
    [InlineData("""[{"op":"add","path":"","value":1}]""", "add operation does not apply: doc is missing path: \"\": missing value")]
    [InlineData("""[{"op":"test","path":"/scalar","value":2}]""", "testing value /scalar failed: test failed")]
    [InlineData("""[{"op":"test","path":"/scalar","value":"1"}]""", "testing value /scalar failed: test failed")]
    [InlineData("""[{"op":"test","path":"/scalar"}]""", "testing value /scalar failed: test failed")]
    [InlineData("""[{"op":"spoil","path":"/scalar"}]""", "Unexpected kind: spoil")]
    [InlineData("""[{"op":"remove"}]""", "operation missing path field: missing value")]
    [InlineData("""[{"op":"replace","path":"","value":1}]""", "replace operation value must be object or array")]
    [InlineData("""["add"]""", "operation is not an object")]
    public void Refuses(string patch, string message) =>
        Assert.Equal(message, Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonNode.Parse("""{"list":[1,2],"scalar":1}""")!, JsonNode.Parse(patch)!.AsArray())).Message);

    [Fact]
    public void Copies_may_not_blow_up_the_document()
    {
        var patch = new JsonArray();
        for (var i = 0; i < 40; i++)
        {
            patch.Add(JsonNode.Parse("""{"op":"copy","from":"/a","path":"/a/-"}"""));
        }

        var fault = Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonNode.Parse("""{"a":["0123456789"]}""")!, patch));
        Assert.StartsWith("Unable to complete the copy, the accumulated size increase of copy is", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_a_limit_of_operations()
    {
        var patch = new JsonArray();
        for (var i = 0; i <= JsonPatch.MaxOperations; i++)
        {
            patch.Add(new JsonObject());
        }

        Assert.Equal("The allowed maximum operations in a JSON patch is 10000, got 10001", Assert.Throws<PatchException>(() => JsonPatch.Apply(new JsonObject(), patch)).Message);
    }
}
