namespace Capstan.Queueing;

/// <summary>Where a key stands in its queue.</summary>
internal enum EntryState : byte
{
    /// <summary>Kept only for its count of failures.</summary>
    Idle,

    /// <summary>Has a deadline in the heap.</summary>
    Waiting,

    /// <summary>In the list of a band.</summary>
    Ready,

    /// <summary>With a worker; may have a deadline for the next run.</summary>
    Running,

    /// <summary>With a worker, and to run once more as soon as that worker is done.</summary>
    RunningDirty,
}

/// <summary>The one entry of a key. All fields belong to the queue's lock.</summary>
internal sealed class QueueEntry<TKey>
{
    public TKey Key = default!;
    public EntryState State;

    /// <summary>Of the run to come; the lowest while none is asked for.</summary>
    public Priority Priority;

    /// <summary>The list that a ready entry is in: below <see cref="Priority"/> when its age serves it better than its raise would.</summary>
    public Priority Band;

    /// <summary>Timestamps: became ready, was taken, becomes due.</summary>
    public long ReadyAt, StartedAt, Deadline;

    /// <summary>Place in the heap, or -1.</summary>
    public int HeapIndex = -1;

    /// <summary>Rate-limited adds since the last <c>Forget</c>.</summary>
    public int Failures;

    public QueueEntry<TKey>? Previous, Next;
}

/// <summary>A list through the entries themselves: appending and removing allocate nothing.</summary>
internal struct EntryList<TKey>
{
    public QueueEntry<TKey>? First;
    public int Count;
    private QueueEntry<TKey>? _last;

    public void Append(QueueEntry<TKey> entry)
    {
        entry.Previous = _last;
        entry.Next = null;
        if (_last is null)
        {
            First = entry;
        }
        else
        {
            _last.Next = entry;
        }

        _last = entry;
        Count++;
    }

    public void Remove(QueueEntry<TKey> entry)
    {
        if (entry.Previous is null)
        {
            First = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        if (entry.Next is null)
        {
            _last = entry.Previous;
        }
        else
        {
            entry.Next.Previous = entry.Previous;
        }

        entry.Previous = entry.Next = null;
        Count--;
    }
}
