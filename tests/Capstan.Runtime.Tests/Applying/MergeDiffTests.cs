using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Patching;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

public sealed class MergeDiffTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""", null)]
    [InlineData("""{"a":1.0}""", """{"a":1}""", null)]
    [InlineData("""{"a":null}""", """{}""", null)]
    [InlineData("""{"a":1,"b":2}""", """{"b":3}""", """{"b":3,"a":null}""")]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"x":1,"y":3}}""", """{"a":{"y":3}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":[1]}""", """{"a":{"b":null,"c":1}}""", """{"a":{"c":1}}""")]
    [InlineData("""{}""", """{"a":{}}""", """{"a":{}}""")]
    public void Says_only_what_is_different(string before, string after, string? patch) =>
        Assert.Equal(patch, Diff(before, after)?.ToJsonString());

    [Fact]
    public void Patching_with_the_difference_gives_the_wanted_object()
    {
        var property = Prop.ForAll(Arb.From(Objects(3)), Arb.From(Objects(3)), (before, after) =>
        {
            var patch = Diff(before, after);
            var result = patch is null ? Parse(before) : MergePatch.Apply(Parse(before), patch);
            Assert.True(JsonNode.DeepEquals(Parse(after), result), $"{before} to {after} by {patch?.ToJsonString()} gave {result.ToJsonString()}");
            Assert.True(patch is not null || JsonNode.DeepEquals(Parse(before), Parse(after)));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(20261121, 9), property);
    }

    [Fact]
    public void Something_new_removes_nothing() => Assert.Equal("""{"a":{"b":{"d":[null]}}}""", Diff("{}", """{"a":{"b":{"c":null,"d":[null]}}}""")?.ToJsonString());

    private static JsonObject? Diff(string before, string after)
    {
        using var old = JsonDocument.Parse(before);
        using var wanted = JsonDocument.Parse(after);
        return MergeDiff.Differs(old.RootElement, wanted.RootElement)
            ? Parse(Encoding.UTF8.GetString(JsonBytes.Of((old, wanted), static (writer, of) => MergeDiff.Write(writer, of.old.RootElement, of.wanted.RootElement)).Span))
            : null;
    }

    private static Gen<string> Objects(int depth)
    {
        var leaf = Gen.Elements("1", "2", "\"x\"", "true", "[1]", "[{\"a\":1}]", "{}");
        var value = depth == 0 ? leaf : Gen.OneOf(leaf, Objects(depth - 1));
        return Gen.Elements("a", "b", "c").SelectMany(name => value.Select(one => (Name: name, Value: one))).ListOf()
            .Select(members => "{" + string.Join(",", members.DistinctBy(member => member.Name).Select(member => $"\"{member.Name}\":{member.Value}")) + "}");
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
