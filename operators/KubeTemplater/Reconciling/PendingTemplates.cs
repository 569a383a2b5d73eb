using Capstan;
using KubeTemplater.Applying;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>Knows since when each template waits for a worker or runs on one, and has those marked that people would wonder about.</summary>
/// <remarks>Thread-safe. A mark and the result of the run never cross: <see cref="FinishAsync"/> waits for a mark that is being written.</remarks>
internal sealed class PendingTemplates(
    TimeProvider time,
    WriteBudget budget,
    Func<ObjectKey, bool> isOurs,
    Func<ObjectKey, bool> isWorthMarking,
    Func<ObjectKey, string, DateTimeOffset, Task> mark)
{
    /// <summary>How long a template may wait, or run, without being marked.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Entry> _entries = [];

    /// <summary>Number of templates that wait or run.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>A change of the template, or of what governs it, came in. One of another replica's is let go.</summary>
    public void Notice(ObjectKey key)
    {
        if (!isOurs(key))
        {
            return;
        }

        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = new Entry(time.GetUtcNow());
            }
            else if (entry.Running)
            {
                entry.AgainSince ??= time.GetUtcNow();
            }
        }
    }

    /// <summary>A worker takes the template. Returns when the change that it processes came in.</summary>
    public async Task<DateTimeOffset> StartAsync(ObjectKey key)
    {
        Task marking;
        DateTimeOffset queuedAt;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new Entry(time.GetUtcNow());
            }

            queuedAt = entry.Since;
            marking = entry.Marking;
            entry.Running = true;
            entry.Since = time.GetUtcNow();
            entry.Marked = false;
        }

        await marking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return queuedAt;
    }

    /// <summary>The worker is about to write its result: from here on no mark is written for this run.</summary>
    public async Task FinishAsync(ObjectKey key)
    {
        Task marking;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                return;
            }

            entry.Marked = true;
            marking = entry.Marking;
        }

        await marking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The worker is done with the template; it waits again if a change came in meanwhile.</summary>
    public void Release(ObjectKey key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry) && entry.AgainSince is { } again)
            {
                _entries[key] = new Entry(again);
            }
            else
            {
                _entries.Remove(key);
            }
        }
    }

    /// <summary>Has those marked that lost patience, once a second, until cancelled.</summary>
    public async Task MarkOverdueAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            MarkOverdue();
        }
    }

    /// <summary>Has those marked that lost patience by now.</summary>
    public void MarkOverdue()
    {
        lock (_lock)
        {
            var overdue = time.GetUtcNow() - Patience;
            foreach (var (key, entry) in _entries)
            {
                if (entry.Marked || entry.Since >= overdue)
                {
                    continue;
                }

                if (!isOurs(key) && !entry.Running)
                {
                    // It has moved to another replica meanwhile.
                    _entries.Remove(key);
                    continue;
                }

                entry.Marked = true;
                if (!isWorthMarking(key))
                {
                    continue;
                }

                if (!budget.TryTakeMark())
                {
                    entry.Marked = false;
                    return;
                }

                entry.Marking = mark(key, entry.Running ? Phases.Processing : Phases.Queued, entry.Since);
            }
        }
    }

    private sealed class Entry(DateTimeOffset since)
    {
        public DateTimeOffset Since { get; set; } = since;

        public bool Running { get; set; }

        public bool Marked { get; set; }

        public DateTimeOffset? AgainSince { get; set; }

        public Task Marking { get; set; } = Task.CompletedTask;
    }
}
