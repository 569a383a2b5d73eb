namespace Capstan.Caching;

/// <summary>Reads what an informer holds. Objects are decoded at each read and belong to the caller.</summary>
/// <remarks>Thread-safe; a read never waits, and each sees one moment: the objects and their indexes agree.</remarks>
/// <typeparam name="T">A typed kind, or <see cref="DynamicObject"/>.</typeparam>
public sealed class ObjectCache<T>
    where T : class
{
    private readonly ObjectStore _store;
    private readonly Func<DynamicObject, T> _decode;

    internal ObjectCache(ObjectStore store, Func<DynamicObject, T> decode)
    {
        _store = store;
        _decode = decode;
    }

    /// <summary>Number of objects.</summary>
    public int Count => _store.View.Count;

    /// <summary>Keys of all objects, in order.</summary>
    public IReadOnlyList<ObjectKey> Keys => [.. _store.View.Objects().Select(o => o.Key)];

    /// <summary>The object, or null if there is none.</summary>
    public T? Get(ObjectKey key) => _store.View.Find(key) is { } found ? _decode(found) : null;

    /// <summary>Whether the object is there.</summary>
    public bool Contains(ObjectKey key) => _store.View.Find(key) is not null;

    /// <summary>The objects that <paramref name="query"/> asks for, by namespace, then name.</summary>
    /// <exception cref="ArgumentException">There is no such index, or the limit is negative.</exception>
    public IReadOnlyList<T> List(ListQuery query = default) => [.. _store.View.Query(query).Select(_decode)];

    /// <summary>The objects for which the index has this value, by namespace, then name.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    public IReadOnlyList<T> ByIndex(string index, string value) => [.. _store.View.Indexed(index, value).Select(_decode)];

    /// <summary>How many objects there are for which the index has this value; costs the same however many.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    public int CountByIndex(string index, string value) => _store.View.CountIndexed(index, value);

    /// <summary>Shows what the caller just stored, until the watch tells it, something newer, or for a while that it will not. Objects outside of the informer's scope are not shown.</summary>
    /// <remarks>Writes of the client that the informer was made with are observed without this call.</remarks>
    public void Observe(DynamicObject written) => _store.ObserveWrite(written);

    /// <summary>Hides what the caller just deleted, until the watch tells it.</summary>
    /// <param name="key">The object.</param>
    /// <param name="uid">Its uid; null hides what has the key now. Another object that gets the key is not hidden.</param>
    public void ObserveDeletion(ObjectKey key, string? uid) => _store.ObserveDeletion(key, uid);
}
