using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Admission;

/// <summary>The objects of one cluster-scoped resource, each compiled once when it is written, in the order of their names.</summary>
/// <remarks>Safe for any number of threads. A write shows here before it is answered, unless another writer is telling the same news.</remarks>
internal sealed class Compiled<T>(Store store, GroupResource resource, Func<JsonObject, T> compile)
{
    // Written by the observer of the store alone, which is called by one thread at a time.
    private ImmutableSortedDictionary<string, T> _byName = ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);

    private volatile IReadOnlyList<T> _all = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<T> All => _all;

    /// <summary>Called after each change of <see cref="All"/>, on the thread of a writer.</summary>
    public event Action? Changed;

    /// <summary>The one of a name; the default where there is none.</summary>
    public T? Find(string name) => Volatile.Read(ref _byName).GetValueOrDefault(name);

    /// <summary>Takes what is stored, and each change from now on. To be called once, before the first request.</summary>
    public void Start()
    {
        store.Observe(resource, change => Set(change.Key.Name, change.After));
        foreach (var stored in store.Read(resource).Objects.From(default))
        {
            Set(stored.Key.Name, stored);
        }
    }

    private void Set(string name, StoredObject? stored)
    {
        Volatile.Write(ref _byName, stored is null ? _byName.Remove(name) : _byName.SetItem(name, compile(ObjectJson.Parse(stored.Json))));
        _all = [.. _byName.Values];
        Changed?.Invoke();
    }
}
