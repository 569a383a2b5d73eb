using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>How an item of a set or map list is named in a path.</summary>
internal static class ListItems
{
    /// <summary>The step to an item; null, with the fault, when it cannot be named.</summary>
    public static PathElement? Name(JsonNode? item, MergeList list, out string fault)
    {
        fault = "";
        return list.Keys.Length > 0 ? ByKey(item, list, ref fault) : ByValue(item, ref fault);
    }

    private static PathElement? ByKey(JsonNode? item, MergeList list, ref string fault)
    {
        if (item is not JsonObject map)
        {
            fault = item is null ? "associative list with keys may not have a null element" : "associative list with keys may not have non-map elements";
            return null;
        }

        var key = new List<(string, PathValue)>(list.Keys.Length);
        foreach (var name in list.Keys)
        {
            if (map.TryGetPropertyValue(name, out var value)) key.Add((name, PathValue.From(value)));
            else if (list.DefaultOfKey(name) is { } assumed) key.Add((name, PathValue.From(assumed)));
        }

        if (key.Count > 0) return PathElement.Key([.. key]);
        fault = $"associative list with keys has an element that omits all key fields [{string.Join(' ', list.Keys.Select(GoFormat.Quote))}] "
            + "(and doesn't have default values for any key fields)";
        return null;
    }

    private static PathElement? ByValue(JsonNode? item, ref string fault)
    {
        switch (item?.GetValueKind())
        {
            case JsonValueKind.Object: fault = "associative list without keys has an element that's a map type"; return null;
            case JsonValueKind.Array: fault = "not supported: associative list with lists as elements"; return null;
            case null: fault = "associative list without keys has an element that's an explicit null"; return null;
            default: return PathElement.Value(PathValue.From(item));
        }
    }
}
