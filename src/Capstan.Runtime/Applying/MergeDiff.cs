using System.Text.Json.Nodes;

namespace Capstan.Applying;

/// <summary>The smallest merge patch (RFC 7386) from one JSON object to another.</summary>
internal static class MergeDiff
{
    /// <summary>What to patch, or null when the two mean the same. Lists are replaced whole, as the format has it.</summary>
    public static JsonObject? Of(JsonObject before, JsonObject after)
    {
        JsonObject? patch = null;
        foreach (var (name, value) in after)
        {
            var old = before[name];
            if (old is JsonObject oldObject && value is JsonObject newObject)
            {
                if (Of(oldObject, newObject) is { } inner)
                {
                    (patch ??= [])[name] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(old, value))
            {
                (patch ??= [])[name] = value is JsonObject added ? WithoutNulls(added) : value?.DeepClone();
            }
        }

        foreach (var (name, value) in before)
        {
            // Null and absent are the same to a merge patch.
            if (value is not null && !after.ContainsKey(name))
            {
                (patch ??= [])[name] = null;
            }
        }

        return patch;
    }

    /// <summary>In a patch a null removes: within something new there is nothing to remove.</summary>
    private static JsonObject WithoutNulls(JsonObject value)
    {
        var copy = new JsonObject();
        foreach (var (name, member) in value)
        {
            if (member is not null)
            {
                copy[name] = member is JsonObject inner ? WithoutNulls(inner) : member.DeepClone();
            }
        }

        return copy;
    }
}
