using System.Collections.Immutable;

namespace Capstan.Caching;

/// <summary>Objects by namespace and name, in order. Immutable: a change gives another tree that shares all that is equal.</summary>
internal sealed class ObjectTree
{
    public static readonly ObjectTree Empty = new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, DynamicObject>>(StringComparer.Ordinal), 0);

    private static readonly ImmutableSortedDictionary<string, DynamicObject> NoNames = ImmutableSortedDictionary.Create<string, DynamicObject>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, DynamicObject>> _namespaces;

    private ObjectTree(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, DynamicObject>> namespaces, int count)
    {
        _namespaces = namespaces;
        Count = count;
    }

    public int Count { get; }

    /// <summary>A tree of many objects at once. Of two with one key the last stays.</summary>
    public static ObjectTree Of(IEnumerable<DynamicObject> objects)
    {
        var namespaces = Empty._namespaces.ToBuilder();
        var count = 0;
        foreach (var group in objects.GroupBy(o => o.Key.Namespace, StringComparer.Ordinal))
        {
            var names = NoNames.ToBuilder();
            foreach (var value in group)
            {
                names[value.Key.Name] = value;
            }

            namespaces[group.Key] = names.ToImmutable();
            count += names.Count;
        }

        return new(namespaces.ToImmutable(), count);
    }

    public DynamicObject? Find(ObjectKey key) =>
        _namespaces.TryGetValue(key.Namespace, out var names) && names.TryGetValue(key.Name, out var found) ? found : null;

    /// <summary>All objects, or those of one namespace.</summary>
    public IEnumerable<DynamicObject> Objects(string? @namespace = null) =>
        string.IsNullOrEmpty(@namespace) ? _namespaces.Values.SelectMany(n => n.Values)
        : _namespaces.TryGetValue(@namespace, out var names) ? names.Values
        : [];

    /// <summary>The tree with <paramref name="value"/> under <paramref name="key"/>, or without that key if it is null.</summary>
    public ObjectTree With(ObjectKey key, DynamicObject? value)
    {
        var names = _namespaces.GetValueOrDefault(key.Namespace, NoNames);
        var changed = value is null ? names.Remove(key.Name) : names.SetItem(key.Name, value);
        if (ReferenceEquals(names, changed))
        {
            return this;
        }

        // The last object of a namespace takes the namespace with it: thousands come and go.
        var namespaces = changed.IsEmpty ? _namespaces.Remove(key.Namespace) : _namespaces.SetItem(key.Namespace, changed);
        return new(namespaces, Count + changed.Count - names.Count);
    }
}
