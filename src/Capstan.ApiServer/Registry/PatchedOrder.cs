using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

/// <summary>Brings the fields of a patched object into the order in which Kubernetes reads them. The order decides which fault is the first, and shows in
/// the message that quotes the object: a patch sorts the objects that it goes through, and custom resources are sorted as a whole.</summary>
internal static class PatchedOrder
{
    /// <summary>Sorts <paramref name="obj"/> in place.</summary>
    public static void Sort(JsonObject obj, Patch patch, bool isCustom)
    {
        if (isCustom)
        {
            SortAll(obj);
            return;
        }

        SortFields(obj);
        if (patch.Value is JsonArray operations)
        {
            foreach (var operation in operations)
            {
                SortAlong(obj, operation.Text("path"));
                SortAlong(obj, operation.Text("from"));
            }
        }
        else
        {
            SortTouched(obj, patch.Value);
        }
    }

    private static void SortFields(JsonObject obj)
    {
        var sorted = true;
        string? before = null;
        foreach (var (name, _) in obj)
        {
            sorted &= before is null || string.CompareOrdinal(before, name) < 0;
            before = name;
        }

        if (sorted)
        {
            return;
        }

        var fields = obj.OrderBy(f => f.Key, StringComparer.Ordinal).ToList();
        obj.Clear();
        foreach (var (name, value) in fields)
        {
            obj.Add(name, value);
        }
    }

    private static void SortAll(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject obj:
                SortFields(obj);
                foreach (var (_, value) in obj)
                {
                    SortAll(value);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    SortAll(item);
                }

                break;
        }
    }

    private static void SortTouched(JsonObject obj, JsonNode patch)
    {
        SortFields(obj);
        foreach (var (name, change) in patch.AsObject())
        {
            // What the patch brings along has been gone through as a whole.
            if (change is JsonObject && obj[name] is JsonObject below)
            {
                SortTouched(below, change);
            }
            else
            {
                SortAll(obj[name]);
            }
        }
    }

    // The last step of a pointer is the field itself: what it holds is not gone through.
    private static void SortAlong(JsonObject obj, string? pointer)
    {
        JsonNode? at = obj;
        foreach (var step in (pointer ?? "").Split('/').Skip(1).SkipLast(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                JsonObject fields => fields[name],
                JsonArray items when int.TryParse(name, out var index) && index >= 0 && index < items.Count => items[index],
                _ => null,
            };
            if (at is JsonObject found)
            {
                SortFields(found);
            }
        }
    }
}
