using System.Collections.Concurrent;

namespace Capstan.Caching;

/// <summary>The informers of a program, one per kind. Reading a kind that has none is an error, never a watch that nobody asked for.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InformerSet(KubeClient client)
{
    private readonly ConcurrentDictionary<GroupVersionKind, Informer> _informers = new();

    /// <summary>The client of all informers.</summary>
    public KubeClient Client { get; } = client;

    /// <summary>All informers, in no certain order.</summary>
    public IReadOnlyCollection<Informer> All => [.. _informers.Values];

    /// <summary>Whether every informer has synced.</summary>
    public bool HasSynced => _informers.Values.All(i => i.HasSynced);

    /// <summary>The informer of a kind, made if there is none. It is not started.</summary>
    /// <exception cref="InvalidOperationException">There is one with another scope.</exception>
    public Informer Add(ResourceType type, InformerOptions? options = null)
    {
        var wanted = options ?? new InformerOptions();
        var informer = _informers.GetOrAdd(type.GroupVersionKind, _ => new Informer(Client, type, wanted));
        return options is null || SameScope(informer.Options, wanted) ? informer
            : throw new InvalidOperationException($"there is an informer of {type.GroupVersionKind} with another scope");
    }

    /// <summary>The informer of a typed kind, made if there is none. It is not started.</summary>
    /// <exception cref="InvalidOperationException">There is one with another scope.</exception>
    public Informer Add<T>(InformerOptions? options = null)
        where T : KubeObject, IKubeObject<T> =>
        Add(T.Resource, options);

    /// <summary>The informer of a kind.</summary>
    /// <exception cref="InvalidOperationException">The kind has none.</exception>
    public Informer Of(GroupVersionKind kind) =>
        _informers.TryGetValue(kind, out var found) ? found
        : throw new InvalidOperationException(
            $"no informer watches {kind}: add one before the program starts, or read through the client ({(_informers.IsEmpty ? "there are no informers" : $"there are informers of {string.Join("; ", _informers.Keys)}")})");

    /// <summary>The cache of a typed kind.</summary>
    /// <exception cref="InvalidOperationException">The kind has no informer.</exception>
    public ObjectCache<T> Cache<T>()
        where T : KubeObject, IKubeObject<T> =>
        Of(T.Resource.GroupVersionKind).CacheOf<T>();

    /// <summary>The cache of a kind.</summary>
    /// <exception cref="InvalidOperationException">The kind has no informer.</exception>
    public ObjectCache<DynamicObject> Cache(GroupVersionKind kind) => Of(kind).Cache;

    /// <summary>Runs all informers that are there now, until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_informers.Values.Select(i => i.RunAsync(cancellationToken)));

    /// <summary>Waits until all informers have synced.</summary>
    /// <exception cref="CacheSyncException">One did not in its time.</exception>
    public Task WaitForSyncAsync(CancellationToken cancellationToken = default) => Task.WhenAll(_informers.Values.Select(i => i.WaitForSyncAsync(cancellationToken)));

    private static bool SameScope(InformerOptions one, InformerOptions other) =>
        (one.Namespace ?? "") == (other.Namespace ?? "") && one.Namespaces.Order(StringComparer.Ordinal).SequenceEqual(other.Namespaces.Order(StringComparer.Ordinal))
        && one.LabelSelector.ToString() == other.LabelSelector.ToString() && (one.FieldSelector ?? "") == (other.FieldSelector ?? "")
        && one.WithoutManagedFields == other.WithoutManagedFields && one.MetadataOnly == other.MetadataOnly
        && one.Transform == other.Transform && one.Fingerprint == other.Fingerprint && one.TellsUnchanged == other.TellsUnchanged;
}
