using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>What differs between two objects of a kind, as sets of fields.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    /// <summary>Compares an object before and after; built-in kinds in the form that Kubernetes holds them in, with the structs that are always there.</summary>
    public static Comparison Of(JsonObject before, JsonObject after, MergeType type)
    {
        var changes = Walk(Slot.Of(before), Slot.Of(after), type);
        return changes is null ? new(FieldSet.Empty, FieldSet.Empty, FieldSet.Empty) : new(changes.Added.Below, changes.Modified.Below, changes.Removed.Below);
    }

    /// <summary>Without what a request may not change.</summary>
    public Comparison Without(FieldSet fields) =>
        fields.IsEmpty ? this : new(Added.RecursiveDifference(fields), Modified.RecursiveDifference(fields), Removed.RecursiveDifference(fields));

    // Null where nothing changed, which is nearly everywhere.
    private static Changes? Walk(Slot before, Slot after, MergeType type)
    {
        var beforeForms = before.FormsIn(type);
        var afterForms = after.FormsIn(type);
        var changes =
            !after.IsThere ? Walk(before, after, type, beforeForms)
            : !before.IsThere || beforeForms == afterForms ? Walk(before, after, type, afterForms)
            : Changes.Union(Walk(before, after, type, beforeForms), Walk(before, after, type, afterForms));
        if (!before.IsThere) (changes ??= new()).Added.IsMember = true;
        if (!after.IsThere) (changes ??= new()).Removed.IsMember = true;
        return changes;
    }

    private static Changes? Walk(Slot before, Slot after, MergeType type, MergeForms forms)
    {
        if (forms.HasFlag(MergeForms.Map))
        {
            var map = type.Map!;
            return map.IsAtomic || (IsEmpty(before.Map) && IsEmpty(after.Map)) ? Leaf(before, after) : Items(before.Map, after.Map, map);
        }

        if (forms.HasFlag(MergeForms.Scalar)) return Leaf(before, after);
        var list = type.List!;
        return list.IsAtomic || (IsEmpty(before.List) && IsEmpty(after.List)) ? Leaf(before, after) : Items(before.List, after.List, list);
    }

    private static bool IsEmpty(JsonObject? map) => map is null or { Count: 0 };

    private static bool IsEmpty(JsonArray? list) => list is null or { Count: 0 };

    // What is added or removed as a whole is marked by the caller.
    private static Changes? Leaf(Slot before, Slot after) =>
        before.IsThere && after.IsThere && !JsonEquality.AreEqual(before.Value, after.Value) ? Changes.OfValue() : null;

    private static Changes? Items(JsonObject? before, JsonObject? after, MergeMap type)
    {
        var nodes = new ChangeNodes();
        if (before is not null)
            foreach (var (name, value) in before) Add(name, Slot.Of(value), At(after, name, type));
        if (after is not null)
            foreach (var (name, value) in after)
                if (before?.ContainsKey(name) != true) Add(name, At(before, name, type), Slot.Of(value));
        // Where only one side has the parent, the structs that are always there come and go with it.
        if (before is null || after is null)
            foreach (var name in type.Structs)
                if (!(before ?? after)!.ContainsKey(name)) Add(name, At(before, name, type), At(after, name, type));
        return nodes.Changes();

        void Add(string name, Slot l, Slot r)
        {
            // Most fields are equal: no step is made for them.
            if (Walk(l, r, type.Field(name) ?? MergeType.Deduced) is { } changes) nodes.Add(PathElement.Field(name), changes);
        }
    }

    private static Slot At(JsonObject? map, string name, MergeMap type) =>
        map is null ? Slot.Nothing
        : map.TryGetPropertyValue(name, out var value) ? Slot.Of(value)
        : type.Implied.TryGetValue(name, out var implied) ? Slot.Of(implied)
        : Slot.Nothing;

    private static Changes? Items(JsonArray? before, JsonArray? after, MergeList type)
    {
        var nodes = new ChangeNodes();
        var befores = ByName(before, type);
        var afters = ByName(after, type);
        foreach (var (element, l) in befores) nodes.Add(element, Compare(l, afters.GetValueOrDefault(element) ?? [], type.Items));
        foreach (var (element, r) in afters)
            if (!befores.ContainsKey(element)) nodes.Add(element, Compare([], r, type.Items));
        return nodes.Changes();
    }

    /// <summary>Items of one name, usually one on each side. Those that repeat it are compared as one value.</summary>
    private static Changes? Compare(List<JsonNode?> before, List<JsonNode?> after, MergeType type)
    {
        if (before.Count <= 1 && after.Count <= 1) return Walk(Only(before), Only(after), type);
        if (before.Count >= 2 && after.Count >= 2)
        {
            var isSame = before.Count == after.Count && before.Zip(after).All(static pair => JsonEquality.AreEqual(pair.First, pair.Second));
            return isSame ? null : Changes.OfValue();
        }

        if (before.Count >= 2)
        {
            var changes = (after.Count == 0 ? null : Walk(Slot.Nothing, Only(after), type)) ?? new();
            changes.Removed.IsMember = true;
            return changes;
        }
        else
        {
            var changes = (before.Count == 0 ? null : Walk(Only(before), Slot.Nothing, type)) ?? new();
            changes.Added.IsMember = true;
            return changes;
        }
    }

    private static Slot Only(List<JsonNode?> items) => items.Count == 0 ? Slot.Nothing : Slot.Of(items[0]);

    private static OrderedDictionary<PathElement, List<JsonNode?>> ByName(JsonArray? list, MergeList type)
    {
        var items = new OrderedDictionary<PathElement, List<JsonNode?>>(list?.Count ?? 0);
        foreach (var item in list ?? [])
        {
            if (ListItems.Name(item, type, out _) is not { } element) continue;
            if (items.TryGetValue(element, out var same)) same.Add(item);
            else items.Add(element, [item]);
        }

        return items;
    }

    /// <summary>The changes at one place: whether it is itself among the added, modified or removed, and which paths below it are.</summary>
    private sealed class Changes
    {
        public Part Added { get; init; } = new();

        public Part Modified { get; init; } = new();

        public Part Removed { get; init; } = new();

        public static Changes OfValue()
        {
            var changes = new Changes();
            changes.Modified.IsMember = true;
            return changes;
        }

        public static Changes? Union(Changes? a, Changes? b) =>
            a is null ? b
            : b is null ? a
            : new() { Added = a.Added.Union(b.Added), Modified = a.Modified.Union(b.Modified), Removed = a.Removed.Union(b.Removed) };
    }

    private sealed class Part
    {
        public bool IsMember { get; set; }

        public FieldSet Below { get; init; } = FieldSet.Empty;

        public bool IsNeeded => IsMember || !Below.IsEmpty;

        public Part Union(Part other) => new() { IsMember = IsMember || other.IsMember, Below = Below.Union(other.Below) };
    }

    private sealed class ChangeNodes
    {
        private readonly List<FieldSet.Node> _added = [];
        private readonly List<FieldSet.Node> _modified = [];
        private readonly List<FieldSet.Node> _removed = [];

        public void Add(PathElement element, Changes? changes)
        {
            if (changes is null) return;
            if (changes.Added.IsNeeded) _added.Add(new(element, changes.Added.IsMember, changes.Added.Below));
            if (changes.Modified.IsNeeded) _modified.Add(new(element, changes.Modified.IsMember, changes.Modified.Below));
            if (changes.Removed.IsNeeded) _removed.Add(new(element, changes.Removed.IsMember, changes.Removed.Below));
        }

        public Changes? Changes() => _added.Count + _modified.Count + _removed.Count == 0 ? null : new()
        {
            Added = new() { Below = FieldSet.Of(_added) },
            Modified = new() { Below = FieldSet.Of(_modified) },
            Removed = new() { Below = FieldSet.Of(_removed) },
        };
    }
}
