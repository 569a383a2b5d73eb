namespace Capstan.ApiServer.Storage;

/// <summary>The last changes of one resource, bounded by number and by bytes. Watches read it at their own pace by position, so that a slow one
/// holds no memory and no writer: when the log has moved past it, it is told so and must end.</summary>
/// <remarks>Thread-safe. Positions count the changes ever logged.</remarks>
internal sealed class ChangeLog(int maxChanges, long maxBytes, long startsAt)
{
    private readonly Lock _gate = new();
    private Change[] _ring = new Change[16];
    private long _first;
    private long _next;
    private long _bytes;
    private long _compacted = startsAt;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The revision of the youngest change that was dropped: reads of revisions before it are too old.</summary>
    public long Compacted
    {
        get
        {
            lock (_gate)
            {
                return _compacted;
            }
        }
    }

    /// <summary>Adds a change, drops the oldest beyond the bounds, and returns what must be called, outside of any lock, to wake the readers.</summary>
    public TaskCompletionSource Append(Change change)
    {
        lock (_gate)
        {
            if (_next - _first == _ring.Length)
            {
                Grow();
            }

            _ring[_next++ % _ring.Length] = change;
            _bytes += change.Weight;
            while (_next - _first > 1 && (_next - _first > maxChanges || _bytes > maxBytes))
            {
                DropFirst();
            }

            return Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>Drops everything logged up to <paramref name="revision"/>, as if time had passed.</summary>
    public void Compact(long revision)
    {
        lock (_gate)
        {
            while (_next > _first && _ring[_first % _ring.Length].Revision <= revision)
            {
                DropFirst();
            }

            _compacted = Math.Max(_compacted, revision);
        }
    }

    /// <summary>The position right after <paramref name="revision"/>; false when changes after it were dropped.</summary>
    public bool TryFind(long revision, out long position)
    {
        lock (_gate)
        {
            position = _next;
            if (revision < _compacted)
            {
                return false;
            }

            // Binary search: revisions grow with positions.
            long low = _first, high = _next;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_ring[middle % _ring.Length].Revision <= revision)
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
        lock (_gate)
        {
            more = _changed.Task;
            if (position < _first)
            {
                return false;
            }

            var end = Math.Min(_next, position + limit);
            for (; position < end; position++)
            {
                into.Add(_ring[position % _ring.Length]);
            }

            if (position < _next)
            {
                more = Task.CompletedTask;
            }

            return true;
        }
    }

    /// <summary>The changes after <paramref name="revision"/>, youngest first; null when some were dropped.</summary>
    public IReadOnlyList<Change>? Since(long revision)
    {
        lock (_gate)
        {
            if (revision < _compacted)
            {
                return null;
            }

            var changes = new List<Change>();
            for (var i = _next - 1; i >= _first && _ring[i % _ring.Length].Revision > revision; i--)
            {
                changes.Add(_ring[i % _ring.Length]);
            }

            return changes;
        }
    }

    private void DropFirst()
    {
        var change = _ring[_first % _ring.Length];
        _ring[_first % _ring.Length] = null!;
        _compacted = change.Revision;
        _bytes -= change.Weight;
        _first++;
    }

    private void Grow()
    {
        var larger = new Change[_ring.Length * 2];
        for (var i = _first; i < _next; i++)
        {
            larger[i % larger.Length] = _ring[i % _ring.Length];
        }

        _ring = larger;
    }
}
