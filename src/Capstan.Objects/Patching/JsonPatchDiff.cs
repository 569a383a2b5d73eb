using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>The JSON patch (RFC 6902) that leads from one document to another.</summary>
public static class JsonPatchDiff
{
    /// <summary>Operations that <see cref="JsonPatch.Apply"/> makes <paramref name="after"/> of <paramref name="before"/> with; none when they are equal.</summary>
    /// <remarks>Items that two lists have in common at their beginning and end are left alone; what stands between is compared place by place. Neither argument is changed.</remarks>
    public static JsonArray Of(JsonObject before, JsonObject after)
    {
        var patch = new JsonArray();
        Compare("", before, after, patch);
        return patch;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, JsonArray patch)
    {
        switch (before, after)
        {
            case (JsonObject old, JsonObject now):
                CompareFields(path, old, now, patch);
                break;
            case (JsonArray old, JsonArray now):
                CompareItems(path, old, now, patch);
                break;
            default:
                if (!JsonNode.DeepEquals(before, after))
                {
                    patch.Add((JsonNode)Operation("replace", path, after));
                }

                break;
        }
    }

    private static void CompareFields(string path, JsonObject before, JsonObject after, JsonArray patch)
    {
        foreach (var (name, old) in before)
        {
            if (after.TryGetPropertyValue(name, out var now))
            {
                Compare(Below(path, name), old, now, patch);
            }
            else
            {
                patch.Add((JsonNode)Removal(Below(path, name)));
            }
        }

        foreach (var (name, now) in after)
        {
            if (!before.ContainsKey(name))
            {
                patch.Add((JsonNode)Operation("add", Below(path, name), now));
            }
        }
    }

    private static void CompareItems(string path, JsonArray before, JsonArray after, JsonArray patch)
    {
        var (start, oldEnd, newEnd) = (0, before.Count, after.Count);
        while (start < oldEnd && start < newEnd && JsonNode.DeepEquals(before[start], after[start]))
        {
            start++;
        }

        while (oldEnd > start && newEnd > start && JsonNode.DeepEquals(before[oldEnd - 1], after[newEnd - 1]))
        {
            oldEnd--;
            newEnd--;
        }

        var common = Math.Min(oldEnd, newEnd);
        for (var i = start; i < common; i++)
        {
            Compare(Below(path, i), before[i], after[i], patch);
        }

        // From the end, so that the numbers of those before stay what they are.
        for (var i = oldEnd - 1; i >= common; i--)
        {
            patch.Add((JsonNode)Removal(Below(path, i)));
        }

        for (var i = common; i < newEnd; i++)
        {
            patch.Add((JsonNode)Operation("add", Below(path, i), after[i]));
        }
    }

    private static JsonObject Operation(string op, string path, JsonNode? value) => new() { ["op"] = op, ["path"] = path, ["value"] = value?.DeepClone() };

    private static JsonObject Removal(string path) => new() { ["op"] = "remove", ["path"] = path };

    private static string Below(string path, int index) => $"{path}/{index.ToString(CultureInfo.InvariantCulture)}";

    private static string Below(string path, string name) =>
        $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
