using System.Text.Json.Nodes;
using Capstan.Patching;
using Xunit;

namespace Capstan.Objects.Tests.ServerSideApply;

public sealed class FieldSetTests
{
    [Fact]
    public void Steps_are_ordered_as_Kubernetes_prints_them()
    {
        var shuffled = JsonNode.Parse("""
            {"i:1":{},"v:\"b\"":{},"v:10":{},"v:9":{},"v:1.5":{},"v:true":{},"k:{\"port\":443,\"protocol\":\"TCP\"}":{"f:b":{},"f:a":{}},
             "k:{\"protocol\":\"TCP\",\"port\":80}":{".":{},"f:x":{}},"k:{\"name\":\"z\"}":{},"f:b":{},"f:B":{},"f:a":{"f:c":{}}}
            """);
        const string Expected = """
            {"f:B":{},"f:a":{"f:c":{}},"f:b":{},"k:{\u0022name\u0022:\u0022z\u0022}":{},"k:{\u0022port\u0022:80,\u0022protocol\u0022:\u0022TCP\u0022}":{".":{},"f:x":{}},"k:{\u0022port\u0022:443,\u0022protocol\u0022:\u0022TCP\u0022}":{"f:a":{},"f:b":{}},"v:1.5":{},"v:9":{},"v:10":{},"v:\u0022b\u0022":{},"v:true":{},"i:1":{}}
            """;
        var set = FieldsV1.Read(shuffled);
        Assert.Equal(Expected, FieldsV1.Write(set).ToJsonString());
        Assert.Equal(
            [".B", ".b", "[name=\"z\"]", "[port=80,protocol=\"TCP\"]", "[=1.5]", "[=9]", "[=10]", "[=\"b\"]", "[=true]", "[1]", ".a.c",
             "[port=80,protocol=\"TCP\"].x", "[port=443,protocol=\"TCP\"].a", "[port=443,protocol=\"TCP\"].b"],
            set.Paths().Select(p => string.Concat(p)));
    }

    [Theory]
    [InlineData("""{"f:a":{"f:b":{}},"f:c":{}}""", """{"f:a":{}}""", """{"f:a":{".":{},"f:b":{}},"f:c":{}}""", "{}", """{"f:a":{"f:b":{}},"f:c":{}}""", """{"f:c":{}}""")]
    [InlineData("""{"f:a":{".":{},"f:b":{}}}""", """{"f:a":{"f:b":{}},"f:z":{}}""", """{"f:a":{".":{},"f:b":{}},"f:z":{}}""", """{"f:a":{"f:b":{}}}""", """{"f:a":{}}""", """{"f:a":{}}""")]
    [InlineData("{}", """{"f:a":{}}""", """{"f:a":{}}""", "{}", "{}", "{}")]
    public void Sets_are_combined_by_member(string a, string b, string union, string intersection, string difference, string recursive)
    {
        var left = FieldsV1.Read(JsonNode.Parse(a));
        var right = FieldsV1.Read(JsonNode.Parse(b));
        Assert.Equal(union, FieldsV1.Write(left.Union(right)).ToJsonString());
        Assert.Equal(union, FieldsV1.Write(right.Union(left)).ToJsonString());
        Assert.Equal(intersection, FieldsV1.Write(left.Intersection(right)).ToJsonString());
        Assert.Equal(difference, FieldsV1.Write(left.Difference(right)).ToJsonString());
        Assert.Equal(recursive, FieldsV1.Write(left.RecursiveDifference(right)).ToJsonString());
    }

    [Theory]
    [InlineData("""{"x":{}}""")]
    [InlineData("""{"spec":{}}""")]
    [InlineData("""{"k:{":{}}""")]
    [InlineData("""{"k:[1]":{}}""")]
    [InlineData("""{"k:null":{}}""")]
    [InlineData("""{"v:":{}}""")]
    [InlineData("""{"i:x":{}}""")]
    [InlineData("""{"f:a":1}""")]
    [InlineData("[]")]
    public void What_is_no_set_of_fields_is_an_error(string fields) => Assert.Throws<FormatException>(() => FieldsV1.Read(JsonNode.Parse(fields)));

    [Fact]
    public void Unknown_kinds_of_steps_are_left_out() => Assert.Equal("""{"f:a":{}}""", FieldsV1.Write(FieldsV1.Read(JsonNode.Parse("""{"x:a":{},"f:a":{}}"""))).ToJsonString());
}
