using System.Text.Json.Nodes;
using Capstan.Patching;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Objects.Tests.Patching;

public class JsonPatchDiffTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", "[]")]
    [InlineData("""{"a":1}""", """{"a":2,"b":null}""", """[{"op":"replace","path":"/a","value":2},{"op":"add","path":"/b","value":null}]""")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2}""", """[{"op":"remove","path":"/a"}]""")]
    [InlineData("""{"l":[1,2,3]}""", """{"l":[1,9,2,3]}""", """[{"op":"add","path":"/l/1","value":9}]""")]
    [InlineData("""{"l":[1,2,3,4]}""", """{"l":[1,4]}""", """[{"op":"remove","path":"/l/2"},{"op":"remove","path":"/l/1"}]""")]
    [InlineData("""{"l":[{"n":1},{"n":2}]}""", """{"l":[{"n":1},{"n":3}]}""", """[{"op":"replace","path":"/l/1/n","value":3}]""")]
    [InlineData("""{"a":{"b/c":1,"d~e":1}}""", """{"a":{"b/c":2,"d~e":2}}""", """[{"op":"replace","path":"/a/b~1c","value":2},{"op":"replace","path":"/a/d~0e","value":2}]""")]
    [InlineData("""{"a":{}}""", """{"a":[]}""", """[{"op":"replace","path":"/a","value":[]}]""")]
    [InlineData("""{"a":null}""", """{"a":{"x":1}}""", """[{"op":"replace","path":"/a","value":{"x":1}}]""")]
    public void Says_what_differs_and_no_more(string before, string after, string patch) =>
        Assert.Equal(patch, JsonPatchDiff.Of(JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject()).ToJsonString());

    [Fact]
    public void The_patch_between_any_two_objects_makes_one_of_the_other() =>
        Prop.ForAll(RandomJson.Objects, RandomJson.Objects, (before, after) =>
        {
            var (old, now) = (before.ToJsonString(), after.ToJsonString());
            var patched = JsonPatch.Apply(before, JsonPatchDiff.Of(before, after));
            Assert.True(JsonNode.DeepEquals(after, patched), $"{old} to {now} gave {patched.ToJsonString()}");
            Assert.Equal((old, now), (before.ToJsonString(), after.ToJsonString()));
        }).QuickCheckThrowOnFailure();
}
