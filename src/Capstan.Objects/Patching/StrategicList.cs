using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Lists of a strategic merge patch.</summary>
internal static class StrategicList
{
    /// <summary>The merged list: by key, by value, or the patch itself where the schema does not say "merge".</summary>
    public static JsonArray Merge(JsonArray existing, JsonArray patch, Schema schema, bool isDeletion)
    {
        if (!isDeletion && !schema.PatchStrategies.Contains("merge"))
        {
            return patch.DeepClone().AsArray();
        }

        if (!AreObjects(existing, patch))
        {
            return isDeletion ? Without(existing, patch) : MergeScalars(existing, patch);
        }

        var key = schema.PatchMergeKey ?? throw new PatchException($"cannot merge lists without merge key for {schema.Items?.TypeName?.Split('.')[^1]}");
        return MergeObjects(existing, patch, key, schema.Items!);
    }

    // Lists of lists, and of different things, cannot be merged.
    private static bool AreObjects(JsonArray existing, JsonArray patch)
    {
        var types = existing.Concat(patch).Select(GoFormat.TypeName).Distinct().ToList();
        return types switch
        {
            ["[]interface {}", ..] => throw new PatchException("lists of lists are not supported"),
            [_, _, ..] => throw new PatchException($"list element types are not identical: [{GoFormat.Plain(existing)} {GoFormat.Plain(patch)}]"),
            _ => types is ["map[string]interface {}"],
        };
    }

    private static JsonArray Without(JsonArray existing, JsonArray removed)
    {
        var gone = removed.Select(GoFormat.Json).ToHashSet(StringComparer.Ordinal);
        return Copies(existing.Where(item => !gone.Contains(GoFormat.Json(item))));
    }

    private static JsonArray MergeScalars(JsonArray existing, JsonArray patch)
    {
        var merged = existing.Concat(patch).DistinctBy(GoFormat.Json, StringComparer.Ordinal).ToList();
        return Copies(new StrategicOrder(null, [.. existing], [.. patch]).Arrange(merged));
    }

    private static JsonArray MergeObjects(JsonArray existing, JsonArray patch, string key, Schema item)
    {
        var merged = existing.Select(one => one!.DeepClone().AsObject()).ToList();
        var changes = new List<JsonObject>();
        var replace = false;
        foreach (var change in patch.Select(one => one!.AsObject()))
        {
            if (!change.TryGetPropertyValue(StrategicMergePatch.Directive, out var directive))
            {
                changes.Add(change);
                continue;
            }

            switch (GoFormat.Plain(directive))
            {
                case "delete":
                    var gone = KeyOf(change, key);
                    merged.RemoveAll(one => IsSame(one, key, gone));
                    break;
                case "replace":
                    replace = true;
                    break;
                case "merge":
                    throw new PatchException("merging lists cannot yet be specified in the patch");
                default:
                    throw StrategicMergePatch.UnknownDirective(directive, change);
            }
        }

        if (replace)
        {
            foreach (var change in changes)
            {
                KeyOf(change, key);
            }

            return Copies(changes);
        }

        var order = merged.ToList();
        foreach (var change in changes)
        {
            var value = KeyOf(change, key);
            var at = merged.FindIndex(one => IsSame(one, key, value));
            if (at < 0)
            {
                merged.Add(change.DeepClone().AsObject());
            }
            else
            {
                merged[at] = StrategicMergePatch.Merge(merged[at].DeepClone().AsObject(), change.DeepClone().AsObject(), item);
            }
        }

        return Copies(new StrategicOrder(key, order, changes).Arrange(merged));
    }

    /// <summary>The merge key's value of an item.</summary>
    public static JsonNode? KeyOf(JsonNode? item, string key) => item is JsonObject fields && fields.TryGetPropertyValue(key, out var value)
        ? value
        : throw new PatchException(item is JsonObject
            ? $"map: {GoFormat.Plain(item)} does not contain declared merge key: {key}"
            : $"expected a map[string]interface {{}}, but received a {GoFormat.TypeName(item)}");

    private static bool IsSame(JsonObject item, string key, JsonNode? value) => item.TryGetPropertyValue(key, out var own) && JsonNode.DeepEquals(own, value);

    /// <summary>A list of copies.</summary>
    public static JsonArray Copies(IEnumerable<JsonNode?> items) => new([.. items.Select(item => item?.DeepClone())]);
}
