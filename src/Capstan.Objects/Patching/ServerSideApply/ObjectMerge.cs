using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>Lays a configuration over an object: what it sets is set, what it leaves out stays.</summary>
internal static class ObjectMerge
{
    /// <summary>A new object; neither argument is changed or shared.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject configuration, MergeType type) =>
        (JsonObject)Merge(Slot.Of(live), Slot.Of(configuration), type).Value!;

    private static Slot Merge(Slot left, Slot right, MergeType type)
    {
        var forms = right.IsThere ? right.FormsIn(type) : left.FormsIn(type);
        if (forms.HasFlag(MergeForms.Map))
        {
            return type.Map!.IsAtomic || (left.Map is null or { Count: 0 } && right.Map is null or { Count: 0 })
                ? Leaf(left, right)
                : MergeMaps(left.Map, right.Map, type.Map);
        }

        if (forms.HasFlag(MergeForms.Scalar)) return Leaf(left, right);
        return type.List!.IsAtomic || (left.List is null or { Count: 0 } && right.List is null or { Count: 0 })
            ? Leaf(left, right)
            : MergeLists(left.List, right.List, type.List);
    }

    private static Slot Leaf(Slot left, Slot right) => Slot.Of((right.IsThere ? right : left).Value?.DeepClone());

    private static Slot MergeMaps(JsonObject? left, JsonObject? right, MergeMap type)
    {
        // Live without a configured side is live as it is.
        if (right is null or { Count: 0 }) return Slot.Of(left!.DeepClone());
        var merged = new JsonObject();
        if (left is not null)
            foreach (var (name, value) in left) Add(name, Slot.Of(value), Slot.At(right, name));
        foreach (var (name, value) in right)
            if (left?.ContainsKey(name) != true) Add(name, Slot.Nothing, Slot.Of(value));
        return merged.Count > 0 ? Slot.Of(merged) : Slot.Nothing;

        void Add(string name, Slot l, Slot r)
        {
            if (!r.IsThere) merged.Add(name, l.Value?.DeepClone());
            else if (Merge(l, r, type.Field(name) ?? MergeType.Deduced) is { IsThere: true } item) merged.Add(name, item.Value);
        }
    }

    /// <summary>Items of both, the configured ones in their order and the others near where they stood.</summary>
    private static Slot MergeLists(JsonArray? left, JsonArray? right, MergeList type)
    {
        if (right is null or { Count: 0 }) return Slot.Of(left!.DeepClone());
        var (leftNames, lefts) = Index(left, type);
        var (rightNames, rights) = Index(right, type);
        var shared = new Queue<PathElement>(rightNames.Select(static n => n.Name).Where(lefts.ContainsKey));
        var done = new HashSet<PathElement>();
        var merged = new JsonArray();
        int l = 0, r = 0;
        while (l < leftNames.Count || r < rightNames.Count)
        {
            if (l < leftNames.Count && r < rightNames.Count)
            {
                var name = leftNames[l].Name;
                if (name.Equals(rightNames[r].Name))
                {
                    TakeRight();
                    l++;
                    continue;
                }

                // A shared item out of turn: it is taken where the configuration has it.
                if (rights.ContainsKey(name) && shared.TryPeek(out var next) && !next.Equals(name))
                {
                    l++;
                    continue;
                }
            }

            if (l < leftNames.Count)
            {
                var (name, item) = leftNames[l];
                if (!rights.ContainsKey(name))
                {
                    merged.Add(item?.DeepClone());
                    l++;
                    continue;
                }

                if (done.Contains(name)) l++;
            }

            if (r < rightNames.Count) TakeRight();
        }

        return merged.Count > 0 ? Slot.Of(merged) : Slot.Nothing;

        void TakeRight()
        {
            var name = rightNames[r++].Name;
            done.Add(name);
            if (shared.TryPeek(out var next) && next.Equals(name)) shared.Dequeue();
            // An item that live has twice is not merged into either: the configured one takes the place of both.
            var item = Merge(lefts.GetValueOrDefault(name, Slot.Nothing), rights[name], type.Items);
            if (item.IsThere) merged.Add(item.Value);
        }
    }

    private static (List<(PathElement Name, JsonNode? Item)> Names, Dictionary<PathElement, Slot> Items) Index(JsonArray? list, MergeList type)
    {
        var names = new List<(PathElement, JsonNode?)>(list?.Count ?? 0);
        var items = new Dictionary<PathElement, Slot>(list?.Count ?? 0);
        foreach (var item in list ?? [])
        {
            if (ListItems.Name(item, type, out _) is not { } name) continue;
            names.Add((name, item));
            if (!items.TryAdd(name, Slot.Of(item))) items[name] = Slot.Of(null);
        }

        return (names, items);
    }
}
