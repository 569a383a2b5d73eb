namespace Capstan.Caching;

/// <summary>Reads what an informer holds that keeps fingerprints only.</summary>
/// <remarks>Thread-safe. A write of one's own shows at once, a deletion when the watch tells it.</remarks>
public sealed class FingerprintCache
{
    private readonly FingerprintStore _store;

    internal FingerprintCache(FingerprintStore store) => _store = store;

    /// <summary>Number of objects.</summary>
    public int Count => _store.Count;

    /// <summary>What is known of an object; null if there is none.</summary>
    public ObjectFingerprint? Get(ObjectKey key) => _store.Get(key);

    /// <summary>What is known of all objects, by namespace, then name.</summary>
    public IReadOnlyList<ObjectFingerprint> List() => _store.List();

    /// <summary>Takes what the caller just stored. Writes of the client that the informer was made with are taken without this call.</summary>
    public void Observe(DynamicObject written) => _store.ObserveWrite(written);
}
