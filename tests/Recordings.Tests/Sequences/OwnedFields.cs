using System.Text.Json.Nodes;

namespace Recordings.Tests.Sequences;

/// <summary>What an entry of managedFields says is owned, held against the object.</summary>
internal static class OwnedFields
{
    /// <summary>Paths that are owned and do not exist.</summary>
    public static IEnumerable<string> Missing(JsonObject fields, JsonNode? node, string path = "")
    {
        foreach (var (key, inner) in fields)
        {
            if (key == ".")
            {
                continue;
            }

            if (!TryFind(key, node, out var child))
            {
                yield return $"{path}/{key}";
                continue;
            }

            foreach (var missing in Missing((JsonObject)inner!, child, $"{path}/{key}"))
            {
                yield return missing;
            }
        }
    }

    /// <summary>Whether another owns fields within one that is owned as a whole: it was applied empty, and cannot be told from the object any more.</summary>
    public static bool IsMoreWithin(JsonObject own, JsonObject other) => own.Any(field =>
        field.Key != "." && other[field.Key] is JsonObject there
        && (field.Value is JsonObject { Count: > 0 } within ? IsMoreWithin(within, there) : there.Any(one => one.Key != ".")));

    /// <summary>The part of an object that is owned: what its owner would apply to own just that.</summary>
    public static JsonNode? Extract(JsonObject fields, JsonNode? node)
    {
        if (!fields.Any(field => field.Key != "."))
        {
            return fields.Count == 0 ? node?.DeepClone() : node is JsonArray ? new JsonArray() : new JsonObject();
        }

        if (node is JsonArray items)
        {
            var owned = fields.Where(field => field.Key != ".").Select(field => TryFind(field.Key, items, out var item) ? (item, Field: field) : default).Where(found => found.Field.Key is not null);
            return new JsonArray([.. owned.OrderBy(found => items.IndexOf(found.item)).Select(found => Extract((JsonObject)found.Field.Value!, found.item))]);
        }

        var part = new JsonObject();
        foreach (var (key, inner) in fields)
        {
            if (key != "." && TryFind(key, node, out var child))
            {
                part[key[2..]] = Extract((JsonObject)inner!, child);
            }
        }

        return part;
    }

    private static bool TryFind(string key, JsonNode? node, out JsonNode? found)
    {
        found = null;
        switch (key[..2], node)
        {
            case ("f:", JsonObject members) when members.ContainsKey(key[2..]):
                found = members[key[2..]];
                return true;
            case ("k:", JsonArray items):
                var keys = JsonNode.Parse(key[2..])!.AsObject();
                found = items.FirstOrDefault(item => item is JsonObject one && keys.All(k => JsonNode.DeepEquals(one[k.Key], k.Value)));
                return found is not null;
            case ("v:", JsonArray items):
                var value = JsonNode.Parse(key[2..]);
                found = items.FirstOrDefault(item => JsonNode.DeepEquals(item, value));
                return found is not null;
            default:
                return false;
        }
    }
}
