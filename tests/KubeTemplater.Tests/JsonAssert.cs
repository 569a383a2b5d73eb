using System.Text.Json.Nodes;

namespace KubeTemplater.Tests;

internal static class JsonAssert
{
    /// <summary>Equal values, in whatever order the fields come.</summary>
    public static void Equal(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual?.ToJsonString()}");
}
