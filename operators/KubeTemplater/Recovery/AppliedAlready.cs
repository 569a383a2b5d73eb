using System.Text.Json.Nodes;
using Capstan;
using KubeTemplater.Templating;

namespace KubeTemplater.Recovery;

/// <summary>Whether a live object is just what an apply of a manifest would make it: then the apply can be spared.</summary>
/// <remarks>
/// It is when the server's list of what our manager has (<c>managedFields</c>) names the fields of the manifest and no others, and each has the manifest's value.
/// A no is always safe, an apply follows; so what the server writes in another form (quantities, <c>stringData</c>) is simply applied again.
/// </remarks>
internal static class AppliedAlready
{
    // No manager owns these.
    private static readonly string[] _names = ["apiVersion", "kind", "status"];

    /// <summary>Compares.</summary>
    /// <param name="manifest">As it would be sent.</param>
    /// <param name="live">As the server has it, with <c>managedFields</c>.</param>
    public static bool Is(JsonObject manifest, DynamicObject live)
    {
        var json = live.ToJson();
        if (ManagedFields.Ours(json) is not { } ours || ours["apiVersion"]?.ToString() != manifest["apiVersion"]?.ToString() || ours["fieldsV1"] is not JsonObject fields)
        {
            return false;
        }

        var wanted = new JsonObject(manifest.Where(member => !_names.Contains(member.Key) && member.Key != "metadata").Select(Copy));
        var metadata = new JsonObject((manifest["metadata"] as JsonObject ?? []).Where(member => ManagedFields.OwnedMetadata.Contains(member.Key)).Select(Copy));
        if (metadata.Count > 0)
        {
            wanted["metadata"] = metadata;
        }

        return IsSame(wanted, fields, json);

        static KeyValuePair<string, JsonNode?> Copy(KeyValuePair<string, JsonNode?> member) => KeyValuePair.Create(member.Key, member.Value?.DeepClone());
    }

    private static bool IsSame(JsonNode? wanted, JsonObject fields, JsonNode? live)
    {
        // Without members it is owned as one: a plain value, or a map or list that only changes as a whole.
        if (fields.All(member => member.Key == "."))
        {
            return JsonNode.DeepEquals(wanted, live);
        }

        return wanted switch
        {
            JsonObject map => live is JsonObject of && IsSameMap(map, fields, of),
            JsonArray list => live is JsonArray of && IsSameList(list, fields, of),
            _ => false,
        };
    }

    private static bool IsSameMap(JsonObject wanted, JsonObject fields, JsonObject live) =>
        wanted.Count == fields.Count(member => member.Key != ".")
        && wanted.All(member => fields[$"f:{member.Key}"] is JsonObject below && IsSame(member.Value, below, live[member.Key]));

    private static bool IsSameList(JsonArray wanted, JsonObject fields, JsonArray live) =>
        wanted.Count == fields.Count(member => member.Key != ".")
        && wanted.All(item => item is JsonObject map
            ? fields.FirstOrDefault(member => ManagedFields.KeysOf(member.Key) is { } keys && Says(map, keys, mayLack: true)) is { Key: { } key, Value: JsonObject below }
                && live.OfType<JsonObject>().FirstOrDefault(there => Says(there, ManagedFields.KeysOf(key)!, mayLack: false)) is { } found
                && IsSame(map, below, found)
            : item is not null && fields.ContainsKey($"v:{item.ToJsonString()}"));

    /// <summary>Whether an item is the one that a key names; of what the server filled in, a manifest may say nothing.</summary>
    private static bool Says(JsonObject item, JsonObject keys, bool mayLack) =>
        keys.All(key => item[key.Key] is { } said ? JsonNode.DeepEquals(said, key.Value) : mayLack);
}
