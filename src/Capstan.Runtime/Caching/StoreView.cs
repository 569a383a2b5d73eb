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

    /// <summary>The objects for which an index has a value, by namespace, then name.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IEnumerable<DynamicObject> Indexed(string name, string value) => Index(name).Of(value);

    /// <exception cref="ArgumentException">There is no such index.</exception>
    public int CountIndexed(string name, string value) => Index(name).CountOf(value);

    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IEnumerable<DynamicObject> Query(ListQuery query)
    {
        if (query.Limit < 0)
        {
            throw new ArgumentException($"a limit of {query.Limit}");
        }

        var found = Tree.Objects(query.Namespace);
        if (query.MatchingFields is { Count: > 0 } fields)
        {
            found = Indexed(fields[0].Index, fields[0].Value);
            found = string.IsNullOrEmpty(query.Namespace) ? found : found.Where(o => o.Key.Namespace == query.Namespace);
            foreach (var (name, value) in fields.Skip(1))
            {
                var index = Index(name);
                found = found.Where(o => index.Values(o).Contains(value));
            }
        }

        if (query.LabelSelector is { IsEmpty: false } labels)
        {
            found = found.Where(o => labels.Matches(o.Labels));
        }

        return query.Limit > 0 ? found.Take(query.Limit) : found;
    }

    private ObjectIndex Index(string name)
    {
        foreach (var index in Indexes)
        {
            if (index.Name == name)
            {
                return index;
            }
        }

        throw new ArgumentException($"there is no index '{name}'; there {(Indexes.IsEmpty ? "is none" : $"are {string.Join(", ", Indexes.Select(i => i.Name))}")}");
    }
}
