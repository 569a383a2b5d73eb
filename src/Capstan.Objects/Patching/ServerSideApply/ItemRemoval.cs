using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>Takes fields out of an object. What becomes empty by it stays, empty.</summary>
internal static class ItemRemoval
{
    /// <summary>The object itself when there is nothing to remove, else a new one that shares nothing with it.</summary>
    public static JsonObject Remove(JsonObject value, FieldSet fields, MergeType type) =>
        fields.IsEmpty ? value : Walk(value, fields, type) as JsonObject ?? [];

    private static JsonNode? Walk(JsonNode? value, FieldSet fields, MergeType type)
    {
        var forms = Slot.Of(value).FormsIn(type);
        if (forms.HasFlag(MergeForms.Map)) return type.Map!.IsAtomic ? null : Walk(value as JsonObject, fields, type.Map);
        if (forms.HasFlag(MergeForms.Scalar)) return value?.DeepClone();
        return type.List!.IsAtomic ? null : Walk(value as JsonArray, fields, type.List);
    }

    private static JsonObject? Walk(JsonObject? map, FieldSet fields, MergeMap type)
    {
        if (map is null or { Count: 0 }) return null;
        var kept = new JsonObject();
        var isCut = false;
        foreach (var (name, value) in map)
        {
            var node = fields.Find(PathElement.Field(name));
            if (node.IsMember) continue;
            isCut |= !node.Below.IsEmpty;
            kept.Add(name, node.Below.IsEmpty ? value?.DeepClone() : Inside(value, node.Below, type.Field(name) ?? MergeType.Deduced));
        }

        return kept.Count > 0 || isCut ? kept : null;
    }

    private static JsonArray? Walk(JsonArray? list, FieldSet fields, MergeList type)
    {
        if (list is null or { Count: 0 }) return null;
        var kept = new JsonArray();
        var isCut = false;
        foreach (var item in list)
        {
            var node = ListItems.Name(item, type, out _) is { } element ? fields.Find(element) : default;
            if (node.IsMember) continue;
            var below = node.Below ?? FieldSet.Empty;
            isCut |= !below.IsEmpty;
            kept.Add(below.IsEmpty ? item?.DeepClone() : Inside(item, below, type.Items));
        }

        return kept.Count > 0 || isCut ? kept : null;
    }

    private static JsonNode? Inside(JsonNode? value, FieldSet fields, MergeType type) =>
        Walk(value, fields, type) ?? value switch { JsonObject => new JsonObject(), JsonArray => new JsonArray(), _ => null };
}
