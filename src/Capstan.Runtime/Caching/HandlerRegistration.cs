namespace Capstan.Caching;

/// <summary>A handler that was added to an informer.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class HandlerRegistration : IDisposable
{
    private readonly HandlerQueue _queue;
    private readonly Action<HandlerQueue> _remove;

    internal HandlerRegistration(HandlerQueue queue, Action<HandlerQueue> remove)
    {
        _queue = queue;
        _remove = remove;
    }

    /// <summary>Whether the handler has taken all objects of the first state: later than the cache has them.</summary>
    public bool HasSynced => _queue.Synced.IsCompletedSuccessfully;

    /// <summary>Changes that wait for the handler: it is slow, or busy.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Removes the handler. A call under way may go on; what waits is dropped.</summary>
    public void Dispose() => _remove(_queue);
}
