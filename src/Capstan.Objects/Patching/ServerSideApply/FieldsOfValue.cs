using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>The set of fields that a value sets: what its applier comes to own.</summary>
internal static class FieldsOfValue
{
    public static FieldSet Of(JsonObject value, MergeType type) => Walk(value, type).Below;

    private static (bool IsLeaf, FieldSet Below) Walk(JsonNode? value, MergeType type)
    {
        var forms = Slot.Of(value).FormsIn(type);
        if (forms.HasFlag(MergeForms.Map)) return type.Map!.IsAtomic ? (true, FieldSet.Empty) : (false, Items(value as JsonObject, type.Map));
        if (forms.HasFlag(MergeForms.Scalar)) return (true, FieldSet.Empty);
        return type.List!.IsAtomic ? (true, FieldSet.Empty) : (false, Items(value as JsonArray, type.List));
    }

    private static FieldSet Items(JsonObject? map, MergeMap type)
    {
        if (map is null or { Count: 0 }) return FieldSet.Empty;
        var nodes = new List<FieldSet.Node>(map.Count);
        foreach (var (name, value) in map)
        {
            var (isLeaf, below) = Walk(value, type.Field(name) ?? MergeType.Deduced);
            // A struct's field is owned through what it holds; an entry of a map, or one that holds nothing, for itself.
            var isMember = isLeaf || value is null or JsonObject { Count: 0 } || !type.IsNamed(name);
            nodes.Add(new(PathElement.Field(name), isMember, below));
        }

        return FieldSet.Of(nodes);
    }

    private static FieldSet Items(JsonArray? list, MergeList type)
    {
        if (list is null or { Count: 0 }) return FieldSet.Empty;
        var nodes = new Dictionary<PathElement, FieldSet.Node>(list.Count);
        foreach (var item in list)
        {
            if (ListItems.Name(item, type, out _) is not { } element) continue;
            // Items that repeat a key can only be owned together.
            var below = nodes.ContainsKey(element) ? FieldSet.Empty : Walk(item, type.Items).Below;
            nodes[element] = new(element, true, below);
        }

        return FieldSet.Of([.. nodes.Values]);
    }
}
