using Capstan.Watching;

namespace Capstan.Caching;

/// <summary>What an informer keeps of the objects that its watches tell of: <see cref="ObjectStore"/> whole ones, <see cref="FingerprintStore"/> their fingerprints.</summary>
/// <remarks>Thread-safe. Watches of several parts may tell at once.</remarks>
internal interface IInformerStore
{
    /// <summary>Raised with what a handler or a delegate of the options threw; the store goes on.</summary>
    event Action<Exception>? Faulted;

    int Count { get; }

    /// <summary>Done once all handlers took the first state.</summary>
    Task HandlersSynced { get; }

    HandlerRegistration AddHandler(Action<CacheChange> handler);

    /// <summary>How to watch for a part.</summary>
    WatcherOptions Watch(CachePart part, WatcherOptions options);

    void Take(CachePart part, in WatchEvent happened);

    /// <summary>Whether the object is one to hold.</summary>
    bool Keeps(DynamicObject value);

    /// <summary>Holds only what is wanted from now on, and lets the rest go without a word.</summary>
    void Hold(Func<DynamicObject, bool> keeps);

    /// <summary>All parts have their first state.</summary>
    void MarkSynced();

    /// <summary>Tells the handlers of every object again.</summary>
    void Resync();

    void ObserveWrite(DynamicObject written);

    void ObserveDeletion(ObjectKey key, string? uid);
}
