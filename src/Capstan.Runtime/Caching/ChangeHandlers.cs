using System.Collections.Immutable;

namespace Capstan.Caching;

/// <summary>The handlers of one cache. All but <see cref="Remove"/> is called under the lock in which the cache changes, so that each handler is told of each change once.</summary>
/// <param name="faulted">Told of what a handler throws.</param>
internal sealed class ChangeHandlers(Action<CacheChange, Exception> faulted)
{
    private ImmutableArray<HandlerQueue> _queues = [];
    private bool _hasSynced;

    /// <summary>Done once all handlers of now took the first state.</summary>
    public Task Synced => Task.WhenAll(_queues.Select(q => q.Synced));

    /// <summary>Adds a handler, which is first told of what is there.</summary>
    public HandlerRegistration Add(Action<CacheChange> handler, IEnumerable<CacheChange> there)
    {
        var queue = new HandlerQueue(handler, faulted);
        foreach (var change in there)
        {
            queue.Add(change);
        }

        if (_hasSynced)
        {
            queue.MarkSynced();
        }

        ImmutableInterlocked.Update(ref _queues, static (queues, added) => queues.Add(added), queue);
        return new(queue, Remove);
    }

    public void Tell(in CacheChange change)
    {
        foreach (var queue in _queues)
        {
            queue.Add(change);
        }
    }

    /// <summary>What was told so far is the first state.</summary>
    public void MarkSynced()
    {
        _hasSynced = true;
        foreach (var queue in _queues)
        {
            queue.MarkSynced();
        }
    }

    private void Remove(HandlerQueue queue)
    {
        ImmutableInterlocked.Update(ref _queues, static (queues, removed) => queues.Remove(removed), queue);
        queue.End();
    }
}
