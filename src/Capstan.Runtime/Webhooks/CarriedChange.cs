using System.Text.Json.Nodes;

namespace Capstan.Webhooks;

/// <summary>Brings into a document what was changed in a typed view of it. What the view does not show, newer fields above all, stays.</summary>
internal static class CarriedChange
{
    /// <param name="document">The whole; not changed.</param>
    /// <param name="before">What the type shows of it.</param>
    /// <param name="after">The same, with the change.</param>
    public static JsonObject Apply(JsonObject document, JsonObject before, JsonObject after) => Carry(document, before, after)!.AsObject();

    private static JsonNode? Carry(JsonNode? document, JsonNode? before, JsonNode? after)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return document?.DeepClone();
        }

        return (document, before, after) switch
        {
            (JsonObject whole, JsonObject old, JsonObject now) => Fields(whole, old, now),
            (null, JsonObject old, JsonObject now) => Fields([], old, now),
            (JsonArray whole, JsonArray old, JsonArray now) when whole.Count == old.Count => Items(whole, old, now),
            _ => after?.DeepClone(),
        };
    }

    private static JsonObject Fields(JsonObject document, JsonObject before, JsonObject after)
    {
        var result = document.DeepClone().AsObject();
        foreach (var (name, old) in before)
        {
            if (!after.ContainsKey(name))
            {
                result.Remove(name);
            }
        }

        foreach (var (name, now) in after)
        {
            if (!before.TryGetPropertyValue(name, out var old))
            {
                result[name] = now?.DeepClone();
            }
            else if (!JsonNode.DeepEquals(old, now))
            {
                result[name] = Carry(document[name], old, now);
            }
        }

        return result;
    }

    /// <summary>An item that is still there keeps all of itself, wherever it stands now; of others the one at the same place is taken for the same.</summary>
    private static JsonArray Items(JsonArray document, JsonArray before, JsonArray after)
    {
        var taken = new bool[before.Count];
        var result = new JsonArray();
        for (var i = 0; i < after.Count; i++)
        {
            var same = Unchanged(before, after[i], taken, i);
            if (same >= 0)
            {
                taken[same] = true;
                result.Add(document[same]?.DeepClone());
            }
            else if (i < before.Count && before.Count == after.Count)
            {
                result.Add(Carry(document[i], before[i], after[i]));
            }
            else
            {
                result.Add(after[i]?.DeepClone());
            }
        }

        return result;
    }

    private static int Unchanged(JsonArray before, JsonNode? item, bool[] taken, int at)
    {
        if (at < before.Count && !taken[at] && JsonNode.DeepEquals(before[at], item))
        {
            return at;
        }

        for (var i = 0; i < before.Count; i++)
        {
            if (!taken[i] && JsonNode.DeepEquals(before[i], item))
            {
                return i;
            }
        }

        return -1;
    }
}
