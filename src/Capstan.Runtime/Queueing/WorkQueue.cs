namespace Capstan.Queueing;

/// <summary>Keys that wait for a worker. Each key has one entry, in one state, and is never with two workers.</summary>
/// <remarks>
/// <para>Flow: <see cref="Add"/> (at once), <see cref="AddAfter"/> (later) or <see cref="AddRateLimited"/> (after the backoff of its failures) →
/// <see cref="GetAsync"/> → the work → <see cref="Done"/>, and <see cref="Forget"/> when it went well.</para>
/// <para>Guarantees: a key that is added while it runs runs exactly once more; several adds become one run, at the earliest of their times and
/// with the highest of their priorities; a key is dropped only by <see cref="ShutDown"/>; adding a key that is already there allocates nothing.</para>
/// <para>All members are thread-safe.</para>
/// </remarks>
public sealed partial class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly RateLimiter _limiter;
    private readonly WorkQueueInstruments<TKey>? _instruments;
    private readonly EntryTable<TKey> _entries = new();
    private readonly ReadyKeys<TKey> _ready;
    private readonly DeadlineHeap<TKey> _waiting = new();
    private readonly QueueWaiters<TKey> _waiters;
    private readonly ITimer _timer;
    private EntryList<TKey> _running;
    private long _timerSetFor = long.MaxValue;
    private long _adds, _retries;
    private int _handed;
    private bool _shutDown;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="options">How it behaves; null for the defaults.</param>
    /// <param name="fairBy">The group of a key, for example its namespace: the ready keys of a priority are then taken from the group that has the fewest keys
    /// with workers, and from equal ones in turns, so that no group's flood holds up the others. Must be pure and quick. Default null: first in, first out.</param>
    public WorkQueue(WorkQueueOptions? options = null, Func<TKey, string>? fairBy = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AgeingStep, TimeSpan.Zero);
        _time = options.TimeProvider;
        _limiter = options.RateLimiter;
        _ready = new(Timestamps.From(_time, options.AgeingStep), fairBy);
        _waiters = new(this);
        _timer = _time.CreateTimer(static state => ((WorkQueue<TKey>)state!).Promote(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _instruments = options.Meter is null ? null : new(this, options.Meter, options.Name);
    }

    /// <summary>Keys that are ready and with no worker. Those with a worker or a delay do not count.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>Keys that wait for their time.</summary>
    public int Delayed
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Keys that are with a worker.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running.Count + _handed;
            }
        }
    }

    /// <summary>Runs asked for since the start.</summary>
    internal long Adds
    {
        get
        {
            lock (_gate)
            {
                return _adds;
            }
        }
    }

    /// <summary>Whether <see cref="ShutDown"/> was called.</summary>
    public bool IsShutDown
    {
        get
        {
            lock (_gate)
            {
                return _shutDown;
            }
        }
    }

    /// <summary>Asks for a run as soon as a worker is free, even when the key was waiting for a delay. Without effect after <see cref="ShutDown"/>.</summary>
    public void Add(TKey key, Priority priority = Priority.UserChange)
    {
        lock (_gate)
        {
            if (!_shutDown)
            {
                AddNow_NeedsLock(_entries.FindOrAdd(key), priority);
            }
        }
    }

    /// <summary>Asks for a run after <paramref name="delay"/> (any length; none or negative: at once), or earlier if one is already asked for.</summary>
    public void AddAfter(TKey key, TimeSpan delay, Priority priority = Priority.Retry)
    {
        lock (_gate)
        {
            if (!_shutDown)
            {
                AddAfter_NeedsLock(_entries.FindOrAdd(key), delay, priority);
            }
        }
    }

    /// <summary>Asks for a run after the delay that the rate limiter gives for one failure more of this key.</summary>
    public void AddRateLimited(TKey key, Priority priority = Priority.Retry)
    {
        lock (_gate)
        {
            if (_shutDown)
            {
                return;
            }

            var entry = _entries.FindOrAdd(key);
            var delay = _limiter.DelayFor(entry.Failures);
            entry.Failures = entry.Failures == int.MaxValue ? int.MaxValue : entry.Failures + 1;
            _retries++;
            AddAfter_NeedsLock(entry, delay, priority);
        }
    }

    /// <summary>The next key, once there is one. At most one worker has a key, until <see cref="Done"/>.</summary>
    /// <returns>An item without a key once the queue has shut down, even if keys are ready.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled while waiting. No key is lost by it.</exception>
    public ValueTask<WorkItem<TKey>> GetAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<WorkItem<TKey>>(cancellationToken);
        }

        if (TryGet(out var item, wait: true, out var waiter))
        {
            return new(item);
        }

        if (waiter is null)
        {
            return new(default(WorkItem<TKey>));
        }

        var task = waiter.Task;
        if (cancellationToken.CanBeCanceled)
        {
            waiter.CancelWith(cancellationToken);
        }

        return task;
    }

    /// <summary>The next key, if one is ready now.</summary>
    /// <returns>Whether there is one; never once the queue has shut down.</returns>
    public bool TryGet(out WorkItem<TKey> item) => TryGet(out item, wait: false, out _);

    /// <summary>Gives the key back after the work, whatever its outcome.</summary>
    /// <exception cref="InvalidOperationException">The key is with no worker.</exception>
    public void Done(TKey key)
    {
        TimeSpan worked;
        lock (_gate)
        {
            if (_entries.Find(key) is not { State: >= EntryState.Running } entry)
            {
                throw new InvalidOperationException($"Done({key}) without a Get");
            }

            var now = _time.GetTimestamp();
            _running.Remove(entry);
            _ready.Ended(entry);
            worked = _time.GetElapsedTime(entry.Since, now);
            if (!PassOn_NeedsLock(entry, now))
            {
                Settle_NeedsLock(entry, now);
            }
        }

        _instruments?.Worked(worked);
    }

    /// <summary>Sets the key's count of failures to none. It does not cancel a run that is asked for.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            if (_entries.Find(key) is { } entry)
            {
                entry.Failures = 0;
                _entries.ReleaseIfUnused(entry);
            }
        }
    }

    /// <summary>How often the key was added by <see cref="AddRateLimited"/> since the last <see cref="Forget"/>.</summary>
    public int Failures(TKey key)
    {
        lock (_gate)
        {
            return _entries.Find(key)?.Failures ?? 0;
        }
    }

    /// <summary>Ends the queue: no key is handed out or taken in any more, and every waiting worker is released. Work that runs may still be given back.</summary>
    public void ShutDown()
    {
        lock (_gate)
        {
            if (_shutDown)
            {
                return;
            }

            _shutDown = true;
            _timer.Dispose();
            while (_waiters.Take() is { } waiter)
            {
                waiter.Answer(default);
            }

            EndClaims_NeedsLock();
        }
    }

    /// <summary>The same as <see cref="ShutDown"/>.</summary>
    public void Dispose() => ShutDown();

    private void AddNow_NeedsLock(QueueEntry<TKey> entry, Priority priority)
    {
        switch (entry.State)
        {
            case EntryState.Idle or EntryState.Waiting:
                _adds++;
                _waiting.Remove(entry);
                entry.Priority = Max(entry.Priority, priority);
                MakeReady_NeedsLock(entry, _time.GetTimestamp());
                break;
            case EntryState.Ready when priority > entry.Priority:
                _ready.Raise(entry, priority, _time.GetTimestamp());
                break;
            case EntryState.Running:
                _adds++;
                _waiting.Remove(entry);
                entry.Priority = Max(entry.Priority, priority);
                entry.State = EntryState.RunningDirty;
                break;
            case EntryState.RunningDirty:
                entry.Priority = Max(entry.Priority, priority);
                break;
        }
    }

    private void AddAfter_NeedsLock(QueueEntry<TKey> entry, TimeSpan delay, Priority priority)
    {
        if (delay <= TimeSpan.Zero || entry.State is EntryState.Ready or EntryState.RunningDirty)
        {
            AddNow_NeedsLock(entry, priority);
            return;
        }

        entry.Priority = Max(entry.Priority, priority);
        entry.State = entry.State == EntryState.Idle ? EntryState.Waiting : entry.State;
        var now = _time.GetTimestamp();
        _waiting.AddOrAdvance(entry, Timestamps.AddSaturating(now, Timestamps.From(_time, delay)));
        SetTimer_NeedsLock(now);
    }

    private void MakeReady_NeedsLock(QueueEntry<TKey> entry, long now)
    {
        // While a worker waits nothing else is ready: it is this entry's turn.
        if (!_shutDown && _waiters.Take() is { } waiter)
        {
            entry.Since = now;
            HandTo_NeedsLock(waiter, entry);
        }
        else
        {
            _ready.Append(entry, now);
        }
    }

    /// <summary>After a run: the entry becomes what was asked for during it.</summary>
    private void Settle_NeedsLock(QueueEntry<TKey> entry, long now)
    {
        if (entry.State == EntryState.RunningDirty)
        {
            MakeReady_NeedsLock(entry, now);
        }
        else if (entry.HeapIndex >= 0)
        {
            entry.State = EntryState.Waiting;
        }
        else
        {
            entry.State = EntryState.Idle;
            _entries.ReleaseIfUnused(entry);
        }
    }

    /// <param name="item">The next key, if one is ready.</param>
    /// <param name="wait">Whether to wait if none is.</param>
    /// <param name="waiter">Then, and if the queue has not shut down, what waits.</param>
    private bool TryGet(out WorkItem<TKey> item, bool wait, out QueueWaiter<TKey>? waiter)
    {
        TimeSpan waited;
        lock (_gate)
        {
            if (_shutDown || _ready.Take() is not { } entry)
            {
                item = default;
                waiter = wait && !_shutDown ? _waiters.Add() : null;
                return false;
            }

            waiter = null;
            item = Take_NeedsLock(entry);
            waited = Begin_NeedsLock(entry);
        }

        _instruments?.Queued(waited);
        return true;
    }

    /// <summary>The key is the waiter's from now on, but it runs, and its wait is over, only once the worker has picked it up: the thread pool may be busy.</summary>
    private void HandTo_NeedsLock(QueueWaiter<TKey> waiter, QueueEntry<TKey> entry)
    {
        waiter.Entry = entry;
        _handed++;
        waiter.Answer(Take_NeedsLock(entry));
    }

    internal void PickedUp(QueueWaiter<TKey> waiter)
    {
        TimeSpan? waited = null;
        lock (_gate)
        {
            if (waiter.Entry is { } entry)
            {
                waiter.Entry = null;
                _handed--;
                waited = Begin_NeedsLock(entry);
            }

            _waiters.Free(waiter);
        }

        if (waited is { } time)
        {
            _instruments?.Queued(time);
        }
    }

    private WorkItem<TKey> Take_NeedsLock(QueueEntry<TKey> entry)
    {
        var item = new WorkItem<TKey>(true, entry.Key, entry.Priority);
        entry.State = EntryState.Running;
        entry.Priority = Priority.Resync;
        _ready.Started(entry);
        return item;
    }

    /// <returns>How long the entry has waited for its worker.</returns>
    private TimeSpan Begin_NeedsLock(QueueEntry<TKey> entry)
    {
        var now = _time.GetTimestamp();
        var waited = _time.GetElapsedTime(entry.Since, now);
        entry.Since = now;
        _running.Append(entry);
        return waited;
    }

    internal void Cancel(QueueWaiter<TKey> waiter)
    {
        lock (_gate)
        {
            // Not listed: it has been given a key or a shutdown, and that answer stands.
            if (waiter.Listed)
            {
                _waiters.Remove(waiter);
                waiter.AnswerCancelled();
            }
        }
    }

    internal WorkQueueReading Read(Span<int> depthByPriority)
    {
        lock (_gate)
        {
            for (var band = 0; band < ReadyKeys<TKey>.Bands; band++)
            {
                depthByPriority[band] = _ready.CountOf(band);
            }

            var now = _time.GetTimestamp();
            var unfinished = TimeSpan.Zero;
            for (var entry = _running.First; entry is not null; entry = entry.Next)
            {
                unfinished += _time.GetElapsedTime(entry.Since, now);
            }

            // Entries are in the order in which they were taken: the first has run longest.
            var longest = _running.First is { } first ? _time.GetElapsedTime(first.Since, now) : TimeSpan.Zero;
            return new(_adds, _retries, unfinished, longest);
        }
    }

    private static Priority Max(Priority left, Priority right) => left > right ? left : right;
}
