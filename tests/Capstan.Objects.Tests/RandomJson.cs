using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Capstan.Objects.Tests;

/// <summary>Small random objects over few names, so that two of them meet often.</summary>
internal static class RandomJson
{
    public static Arbitrary<JsonObject> Objects => Gen.Sized(size => Fields(Math.Min(size, 4))).ToArbitrary();

    private static Gen<JsonObject> Fields(int depth) =>
        from names in Gen.SubListOf("a", "b", "c", "d", "e", "f")
        from values in Gen.ArrayOf(Value(depth), names.Count)
        select Build(names, values);

    private static JsonObject Build(IReadOnlyList<string> names, JsonNode?[] values)
    {
        var fields = new JsonObject();
        for (var i = 0; i < names.Count; i++)
        {
            fields[names[i]] = values[i]?.DeepClone();
        }

        return fields;
    }

    private static Gen<JsonNode?> Value(int depth)
    {
        var scalar = Gen.Elements<string?>(null, "1", "2.5", "true", "\"x\"", "\"\"", "\"long text\"").Select(text => text is null ? null : JsonNode.Parse(text));
        return depth <= 0
            ? scalar
            : Gen.OneOf(scalar, Fields(depth - 1).Select(fields => (JsonNode?)fields), Gen.ListOf(Value(depth - 1), 2).Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])));
    }
}
