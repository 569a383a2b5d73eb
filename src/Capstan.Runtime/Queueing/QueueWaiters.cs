namespace Capstan.Queueing;

/// <summary>The workers that wait, and the objects for others that will. All of it belongs to the queue's lock.</summary>
internal sealed class QueueWaiters<TKey>(WorkQueue<TKey> queue)
    where TKey : notnull
{
    private QueueWaiter<TKey>? _listed, _free;

    public bool Any => _listed is not null;

    // Last in, first out: the worker that became idle last is the warmest.
    public QueueWaiter<TKey> Add()
    {
        var waiter = _free ?? new(queue);
        _free = waiter == _free ? waiter.Next : _free;
        waiter.Listed = true;
        waiter.Previous = null;
        waiter.Next = _listed;
        if (_listed is not null)
        {
            _listed.Previous = waiter;
        }

        return _listed = waiter;
    }

    public QueueWaiter<TKey>? Take()
    {
        var waiter = _listed;
        if (waiter is not null)
        {
            Remove(waiter);
        }

        return waiter;
    }

    public void Remove(QueueWaiter<TKey> waiter)
    {
        waiter.Listed = false;
        if (waiter.Previous is null)
        {
            _listed = waiter.Next;
        }
        else
        {
            waiter.Previous.Next = waiter.Next;
        }

        if (waiter.Next is not null)
        {
            waiter.Next.Previous = waiter.Previous;
        }

        waiter.Previous = waiter.Next = null;
    }

    /// <summary>Its worker no longer needs it.</summary>
    public void Free(QueueWaiter<TKey> waiter)
    {
        waiter.Next = _free;
        _free = waiter;
    }
}
