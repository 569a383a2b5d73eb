using System.Collections.Immutable;

namespace Capstan.Caching;

/// <summary>What readers see at one moment: objects, and indexes that agree with them. Immutable.</summary>
internal sealed record StoreView(ObjectTree Tree, ImmutableArray<ObjectIndex> Indexes)
{
    public int Count => Tree.Count;

    public DynamicObject? Find(ObjectKey key) => Tree.Find(key);

    public IEnumerable<DynamicObject> Objects() => Tree.Objects();

    public StoreView Fill(ObjectTree tree) => new(tree, [.. Indexes.Select(i => i.Fill(tree.Objects()))]);

    /// <summary>The view with <paramref name="now"/> under <paramref name="key"/>.</summary>
    public StoreView With(ObjectKey key, DynamicObject? now)
    {
        var old = Tree.Find(key);
        if (ReferenceEquals(old, now))
        {
            return this;
        }

        var indexes = Indexes;
        for (var i = 0; i < indexes.Length; i++)
        {
            var changed = indexes[i].Change(key, old, now);
            indexes = ReferenceEquals(changed, indexes[i]) ? indexes : indexes.SetItem(i, changed);
        }

        return new(Tree.With(key, now), indexes);
    }

    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IEnumerable<DynamicObject> Query(ListQuery query)
    {
        var found = query.MatchingFields is { } field ? Indexed(field.Index, field.Value, query.Namespace) : Tree.Objects(query.Namespace);
        if (query.LabelSelector is { IsEmpty: false } labels)
        {
            found = found.Where(o => labels.Matches(o.Labels));
        }

        return query.Limit > 0 ? found.Take(query.Limit) : found;
    }

    private IEnumerable<DynamicObject> Indexed(string name, string value, string? @namespace)
    {
        var index = Indexes.FirstOrDefault(i => i.Name == name)
            ?? throw new ArgumentException($"there is no index '{name}'; there {(Indexes.IsEmpty ? "is none" : $"are {string.Join(", ", Indexes.Select(i => i.Name))}")}");
        var keys = index.Of(value);
        return (string.IsNullOrEmpty(@namespace) ? keys : keys.Where(k => k.Namespace == @namespace)).Select(k => Tree.Find(k)!);
    }
}
