namespace Capstan.Caching;

/// <summary>Changes that wait for one handler, which gets them one at a time on a thread of the pool: a slow one holds nobody back.</summary>
/// <remarks>
/// Some changes wait as they are. Beyond that, changes of one object become one, from before the first to after the last, so that what waits is bounded by the number
/// of objects. Thread-safe.
/// </remarks>
internal sealed class HandlerQueue(Action<CacheChange> handler, Action<CacheChange, Exception> faulted) : IThreadPoolWorkItem
{
    /// <summary>So many changes wait as they are.</summary>
    public const int WholeChanges = 1024;

    private readonly Lock _lock = new();
    private readonly Queue<Slot> _waiting = [];
    private readonly Dictionary<ObjectKey, Slot> _last = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _running;
    private bool _ended;

    /// <summary>Done once the handler took everything that was there before <see cref="MarkSynced"/>.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Changes that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    public void Add(in CacheChange change)
    {
        var key = change.Key;
        lock (_lock)
        {
            if (_waiting.Count >= WholeChanges && _last.TryGetValue(key, out var slot) && TryMerge(slot.Change, change, out var merged))
            {
                slot.Change = merged;
                return;
            }

            Add_NeedsLock(_last[key] = new Slot { Change = change });
        }
    }

    /// <summary>What was added so far is the first state.</summary>
    public void MarkSynced()
    {
        lock (_lock)
        {
            Add_NeedsLock(new Slot { IsMark = true });
        }
    }

    /// <summary>The handler is called no more, once it returned from a call under way.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            _waiting.Clear();
            _last.Clear();
            _synced.TrySetCanceled();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            Slot? slot;
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out slot))
                {
                    _running = false;
                    return;
                }

                if (slot.Change is { } next && _last.TryGetValue(next.Key, out var last) && last == slot)
                {
                    _last.Remove(next.Key);
                }
            }

            if (slot.IsMark)
            {
                _synced.TrySetResult();
            }
            else if (slot.Change is { } change)
            {
                Tell(change);
            }
        }
    }

    /// <summary>One change for two that follow each other. False if they cannot be one.</summary>
    /// <param name="first">Null: nothing, because what came was gone again.</param>
    /// <param name="second">The later one.</param>
    /// <param name="merged">Null: nothing happened.</param>
    private static bool TryMerge(in CacheChange? first, in CacheChange second, out CacheChange? merged)
    {
        merged = (first?.Kind, second.Kind) switch
        {
            (null, CacheChangeKind.Added) => second,
            (CacheChangeKind.Added, CacheChangeKind.Updated) => first!.Value with { New = second.New },
            (CacheChangeKind.Updated, CacheChangeKind.Updated) => first!.Value with { New = second.New },
            _ => null,
        };
        return merged is not null || (first?.Kind, second.Kind) is (CacheChangeKind.Added, CacheChangeKind.Deleted);
    }

    private void Add_NeedsLock(Slot slot)
    {
        if (_ended)
        {
            return;
        }

        _waiting.Enqueue(slot);
        if (!_running)
        {
            _running = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Tell(in CacheChange change)
    {
        try
        {
            handler(change);
        }
        catch (Exception error)
        {
            faulted(change, error);
        }
    }

    private sealed class Slot
    {
        public CacheChange? Change { get; set; }

        public bool IsMark { get; init; }
    }
}
