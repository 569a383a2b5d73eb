using System.Runtime.InteropServices;

namespace Capstan.Queueing;

/// <summary>Keys that wait for a worker. Each key has one entry, in one state, and is never with two workers.</summary>
/// <remarks>
/// <para>Flow: <see cref="Add"/> (at once), <see cref="AddAfter"/> (later) or <see cref="AddRateLimited"/> (after the backoff of its failures) →
/// <see cref="GetAsync"/> → the work → <see cref="Done"/>, and <see cref="Forget"/> when it went well.</para>
/// <para>Guarantees: a key that is added while it runs runs exactly once more; several adds become one run, at the earliest of their times and
/// with the highest of their priorities; a key is dropped only by <see cref="ShutDown"/>; adding a key that is already there allocates nothing.</para>
/// <para>All members are thread-safe.</para>
/// </remarks>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private const int Bands = (int)Priority.UserChange + 1;

    // A system timer takes 49 days at most. It may fire early: it then finds nothing due and is set again.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly RateLimiter _limiter;
    private readonly long _ageingStep;
    private readonly WorkQueueInstruments<TKey>? _instruments;
    private readonly Dictionary<TKey, QueueEntry<TKey>> _entries = [];
    private readonly EntryList<TKey>[] _ready = new EntryList<TKey>[Bands];
    private readonly DeadlineHeap<TKey> _waiting = new();
    private readonly ITimer _timer;
    private EntryList<TKey> _running;
    private QueueEntry<TKey>? _freeEntries;
    private QueueWaiter<TKey>? _waiters, _freeWaiters;
    private long _timerSetFor = long.MaxValue;
    private long _adds, _retries;
    private bool _shutDown;

    /// <summary>Makes an empty queue.</summary>
    public WorkQueue(WorkQueueOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AgeingStep, TimeSpan.Zero);
        _time = options.TimeProvider;
        _limiter = options.RateLimiter;
        _ageingStep = Timestamps.From(_time, options.AgeingStep);
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
                return Depth_NeedsLock();
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
                return _running.Count;
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
                AddNow_NeedsLock(EntryOf_NeedsLock(key), priority);
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
                AddAfter_NeedsLock(EntryOf_NeedsLock(key), delay, priority);
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

            var entry = EntryOf_NeedsLock(key);
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

        QueueWaiter<TKey> waiter;
        lock (_gate)
        {
            if (_shutDown)
            {
                return new(default(WorkItem<TKey>));
            }

            if (First_NeedsLock() is { } entry)
            {
                _ready[(int)entry.Band].Remove(entry);
                return new(Take_NeedsLock(entry, _time.GetTimestamp()));
            }

            waiter = _freeWaiters ?? new(this);
            _freeWaiters = waiter == _freeWaiters ? waiter.Next : _freeWaiters;
            List_NeedsLock(waiter);
        }

        var task = waiter.Task;
        if (cancellationToken.CanBeCanceled)
        {
            waiter.CancelWith(cancellationToken);
        }

        return task;
    }

    /// <summary>Gives the key back after the work, whatever its outcome.</summary>
    /// <exception cref="InvalidOperationException">The key is with no worker.</exception>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry) || entry.State < EntryState.Running)
            {
                throw new InvalidOperationException($"Done({key}) without a Get");
            }

            var now = _time.GetTimestamp();
            _running.Remove(entry);
            _instruments?.Worked(_time.GetElapsedTime(entry.StartedAt, now));
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
                ReleaseIfUnused_NeedsLock(entry);
            }
        }
    }

    /// <summary>Sets the key's count of failures to none. It does not cancel a run that is asked for.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                entry.Failures = 0;
                ReleaseIfUnused_NeedsLock(entry);
            }
        }
    }

    /// <summary>How often the key was added by <see cref="AddRateLimited"/> since the last <see cref="Forget"/>.</summary>
    public int Failures(TKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out var entry) ? entry.Failures : 0;
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
            while (_waiters is { } waiter)
            {
                Unlist_NeedsLock(waiter);
                waiter.Answer(default);
            }
        }
    }

    /// <summary>The same as <see cref="ShutDown"/>.</summary>
    public void Dispose() => ShutDown();

    internal WorkQueueReading Read(Span<int> depthByPriority)
    {
        lock (_gate)
        {
            for (var band = 0; band < Bands; band++)
            {
                depthByPriority[band] = _ready[band].Count;
            }

            var now = _time.GetTimestamp();
            var unfinished = TimeSpan.Zero;
            for (var entry = _running.First; entry is not null; entry = entry.Next)
            {
                unfinished += _time.GetElapsedTime(entry.StartedAt, now);
            }

            // Entries are in the order in which they were taken: the first has run longest.
            var longest = _running.First is { } first ? _time.GetElapsedTime(first.StartedAt, now) : TimeSpan.Zero;
            return new(_adds, _retries, unfinished, longest);
        }
    }

    internal void Cancel(QueueWaiter<TKey> waiter)
    {
        lock (_gate)
        {
            // Not listed: it has been given a key or a shutdown, and that answer stands.
            if (waiter.Listed)
            {
                Unlist_NeedsLock(waiter);
                waiter.AnswerCancelled();
            }
        }
    }

    internal void Return(QueueWaiter<TKey> waiter)
    {
        lock (_gate)
        {
            waiter.Next = _freeWaiters;
            _freeWaiters = waiter;
        }
    }

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
            case EntryState.Ready:
                Raise_NeedsLock(entry, priority);
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
        entry.State = EntryState.Ready;
        entry.ReadyAt = now;
        if (_waiters is { } waiter && !_shutDown)
        {
            Unlist_NeedsLock(waiter);
            waiter.Answer(Take_NeedsLock(entry, now));
            return;
        }

        entry.Band = entry.Priority;
        _ready[(int)entry.Band].Append(entry);
    }

    private void Raise_NeedsLock(QueueEntry<TKey> entry, Priority priority)
    {
        if (priority <= entry.Priority)
        {
            return;
        }

        // It goes behind those that had the higher priority before it, unless its age already puts it further ahead.
        entry.Priority = priority;
        var now = _time.GetTimestamp();
        if (Turn(now, priority) < Turn(entry.ReadyAt, entry.Band))
        {
            _ready[(int)entry.Band].Remove(entry);
            entry.Band = priority;
            entry.ReadyAt = now;
            _ready[(int)priority].Append(entry);
        }
    }

    /// <summary>The entry whose turn it is: each list is in order of time, so that only the heads are compared.</summary>
    private QueueEntry<TKey>? First_NeedsLock()
    {
        QueueEntry<TKey>? first = null;
        for (var band = Bands - 1; band >= 0; band--)
        {
            if (_ready[band].First is { } head && (first is null || Turn(head.ReadyAt, head.Band) < Turn(first.ReadyAt, first.Band)))
            {
                first = head;
            }
        }

        return first;
    }

    private long Turn(long readyAt, Priority band) => readyAt - (int)band * _ageingStep;

    private WorkItem<TKey> Take_NeedsLock(QueueEntry<TKey> entry, long now)
    {
        var item = new WorkItem<TKey>(true, entry.Key, entry.Priority);
        _instruments?.Queued(_time.GetElapsedTime(entry.ReadyAt, now));
        entry.State = EntryState.Running;
        entry.StartedAt = now;
        entry.Priority = Priority.Resync;
        _running.Append(entry);
        return item;
    }

    /// <summary>Runs on the timer: what is due becomes ready.</summary>
    private void Promote()
    {
        lock (_gate)
        {
            _timerSetFor = long.MaxValue;
            if (_shutDown)
            {
                return;
            }

            var now = _time.GetTimestamp();
            while (_waiting.Earliest is { } entry && entry.Deadline <= now)
            {
                AddNow_NeedsLock(entry, entry.Priority);
            }

            SetTimer_NeedsLock(now);
        }
    }

    private void SetTimer_NeedsLock(long now)
    {
        if (_waiting.Earliest is { } earliest && earliest.Deadline < _timerSetFor)
        {
            _timerSetFor = earliest.Deadline;
            var delay = earliest.Deadline <= now ? TimeSpan.Zero : _time.GetElapsedTime(now, earliest.Deadline);

            // Rounded up: timers count whole milliseconds, and one that is early by a part of one would spin.
            delay = delay >= LongestTimer ? LongestTimer : TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds));
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private QueueEntry<TKey> EntryOf_NeedsLock(TKey key)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out _);
        if (slot is null)
        {
            slot = _freeEntries ?? new();
            _freeEntries = slot == _freeEntries ? slot.Next : _freeEntries;
            slot.Next = null;
            slot.Key = key;
        }

        return slot;
    }

    private void ReleaseIfUnused_NeedsLock(QueueEntry<TKey> entry)
    {
        if (entry is { State: EntryState.Idle, Failures: 0 })
        {
            _entries.Remove(entry.Key);
            entry.Key = default!;
            entry.Priority = Priority.Resync;
            entry.Next = _freeEntries;
            _freeEntries = entry;
        }
    }

    // Last in, first out: the worker that became idle last is the warmest.
    private void List_NeedsLock(QueueWaiter<TKey> waiter)
    {
        waiter.Listed = true;
        waiter.Previous = null;
        waiter.Next = _waiters;
        if (_waiters is not null)
        {
            _waiters.Previous = waiter;
        }

        _waiters = waiter;
    }

    private void Unlist_NeedsLock(QueueWaiter<TKey> waiter)
    {
        waiter.Listed = false;
        if (waiter.Previous is null)
        {
            _waiters = waiter.Next;
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

    private int Depth_NeedsLock()
    {
        var depth = 0;
        foreach (ref readonly var list in _ready.AsSpan())
        {
            depth += list.Count;
        }

        return depth;
    }

    private static Priority Max(Priority left, Priority right) => left > right ? left : right;
}
