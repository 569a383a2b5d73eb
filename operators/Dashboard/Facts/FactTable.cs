using System.Collections.Concurrent;
using Capstan.Caching;

namespace Capstan.Dashboard.Facts;

/// <summary>What the page needs of each object of a kind, read once when the object changes: so that an answer goes over small records and decodes nothing. Thread-safe.</summary>
internal sealed class FactTable<T>
    where T : class
{
    private readonly ConcurrentDictionary<ObjectKey, T> _facts = new();
    private readonly Func<DynamicObject, T> _read;
    private readonly Action<T?, T>? _changed;

    /// <summary>Follows an informer.</summary>
    /// <param name="informer">Keeps the objects.</param>
    /// <param name="read">Reads an object; must not throw for anything that its kind lets through.</param>
    /// <param name="changed">Told of each change: what was known, and what is now. Not told of what was there when the informer began.</param>
    public FactTable(Informer informer, Func<DynamicObject, T> read, Action<T?, T>? changed = null)
    {
        (_read, _changed, Cache) = (read, changed, informer.Cache);
        informer.AddHandler(Take);
    }

    /// <summary>The objects themselves.</summary>
    public ObjectCache<DynamicObject> Cache { get; }

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<T> All
    {
        get
        {
            if (_facts.Count > Cache.Count)
            {
                // A replica lets go of what became another's, and tells nobody.
                foreach (var key in _facts.Keys.Where(key => !Cache.Contains(key)))
                {
                    _facts.TryRemove(key, out _);
                }
            }

            return _facts.Select(static one => one.Value);
        }
    }

    /// <summary>Those of one object; null if there is none.</summary>
    public T? Find(ObjectKey key) => _facts.GetValueOrDefault(key);

    private void Take(CacheChange change)
    {
        if (change.New is not { } now)
        {
            _facts.TryRemove(change.Key, out _);
            return;
        }

        var before = _facts.GetValueOrDefault(change.Key);
        var facts = _facts[change.Key] = _read(now);
        if (!change.IsInInitialList)
        {
            _changed?.Invoke(before, facts);
        }
    }
}
