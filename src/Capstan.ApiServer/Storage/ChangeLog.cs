namespace Capstan.Storage;

/// <summary>The last changes of one resource, bounded by number and by bytes. Watches read it at their own pace by position, so that a slow one
/// holds no memory and no writer: when the log has moved past it, it is told so and must end.</summary>
/// <remarks>Thread-safe. Positions count the changes ever logged.</remarks>
internal sealed class ChangeLog(int maxChanges, long maxBytes, long startsAt)
{
    private readonly Lock gate = new();
    private Change[] ring = new Change[16];
    private long first;
    private long next;
    private long bytes;
    private long compacted = startsAt;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The revision of the youngest change that was dropped: reads of revisions before it are too old.</summary>
    public long Compacted
    {
        get
        {
            lock (gate)
            {
                return compacted;
            }
        }
    }

    /// <summary>Adds a change, drops the oldest beyond the bounds, and returns what must be called, outside of any lock, to wake the readers.</summary>
    public TaskCompletionSource Append(Change change)
    {
        lock (gate)
        {
            if (next - first == ring.Length)
            {
                Grow();
            }

            ring[next++ % ring.Length] = change;
            bytes += change.Weight;
            while (next - first > 1 && (next - first > maxChanges || bytes > maxBytes))
            {
                DropFirst();
            }

            return Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>Drops everything logged up to <paramref name="revision"/>, as if time had passed.</summary>
    public void Compact(long revision)
    {
        lock (gate)
        {
            while (next > first && ring[first % ring.Length].Revision <= revision)
            {
                DropFirst();
            }

            compacted = Math.Max(compacted, revision);
        }
    }

    /// <summary>The position right after <paramref name="revision"/>; false when changes after it were dropped.</summary>
    public bool TryFind(long revision, out long position)
    {
        lock (gate)
        {
            position = next;
            if (revision < compacted)
            {
                return false;
            }

            // Binary search: revisions grow with positions.
            long low = first, high = next;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (ring[middle % ring.Length].Revision <= revision)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            position = low;
            return true;
        }
    }

    /// <summary>Takes the changes from <paramref name="position"/> on, and moves it; false when the log has moved past it.</summary>
    /// <param name="position">Where the reader stands.</param>
    /// <param name="into">Receives the changes; cleared first.</param>
    /// <param name="limit">How many to take at most.</param>
    /// <param name="more">Completes when there is more than was taken.</param>
    public bool TryRead(ref long position, List<Change> into, int limit, out Task more)
    {
        into.Clear();
        lock (gate)
        {
            more = changed.Task;
            if (position < first)
            {
                return false;
            }

            var end = Math.Min(next, position + limit);
            for (; position < end; position++)
            {
                into.Add(ring[position % ring.Length]);
            }

            if (position < next)
            {
                more = Task.CompletedTask;
            }

            return true;
        }
    }

    /// <summary>The changes after <paramref name="revision"/>, youngest first; null when some were dropped.</summary>
    public IReadOnlyList<Change>? Since(long revision)
    {
        lock (gate)
        {
            if (revision < compacted)
            {
                return null;
            }

            var changes = new List<Change>();
            for (var i = next - 1; i >= first && ring[i % ring.Length].Revision > revision; i--)
            {
                changes.Add(ring[i % ring.Length]);
            }

            return changes;
        }
    }

    private void DropFirst()
    {
        var change = ring[first % ring.Length];
        ring[first % ring.Length] = null!;
        compacted = change.Revision;
        bytes -= change.Weight;
        first++;
    }

    private void Grow()
    {
        var larger = new Change[ring.Length * 2];
        for (var i = first; i < next; i++)
        {
            larger[i % larger.Length] = ring[i % ring.Length];
        }

        ring = larger;
    }
}
