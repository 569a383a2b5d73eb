using System.Text.Json.Nodes;
using Capstan.Patching;
using Xunit;

namespace Capstan.Objects.Tests.Patching;

public class MergePatchTests
{
    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{"a":null,"c":3}""", """{"b":2,"c":3}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"x":null,"z":{"n":null,"m":1}}}""", """{"a":{"y":2,"z":{"m":1}}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[null,{"n":null,"m":1}]}""", """{"a":[null,{"m":1}]}""")]
    [InlineData("""{"a":{"x":1}}""", """{"a":[{"n":null}]}""", """{"a":[{"n":null}]}""")]
    [InlineData("""{"a":"text"}""", """{"a":{"x":{"n":null}}}""", """{"a":{"x":{}}}""")]
    [InlineData("""{"a":1}""", """{}""", """{"a":1}""")]
    [InlineData("""{"a":null}""", """{"a":{"b":1}}""", """{"a":{"b":1}}""")]
    [InlineData("""{"n":1.50}""", """{"m":1e3}""", """{"n":1.50,"m":1e3}""")]
    public void Merges(string target, string patch, string expected)
    {
        var before = JsonNode.Parse(target)!.AsObject();
        Assert.Equal(expected, MergePatch.Apply(before, JsonNode.Parse(patch)!.AsObject()).ToJsonString());
        Assert.Equal(target, before.ToJsonString());
    }
}
