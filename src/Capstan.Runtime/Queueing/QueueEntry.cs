namespace Capstan.Queueing;

/// <summary>Where a key stands in its queue.</summary>
internal enum EntryState : byte
{
    /// <summary>Kept only for its count of failures.</summary>
    Idle,

    /// <summary>Has a deadline in the heap.</summary>
    Waiting,

    /// <summary>In a band.</summary>
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

    /// <summary>The band that a ready entry is in: below <see cref="Priority"/> when its age serves it better than its raise would.</summary>
    public Priority Band;

    /// <summary>Place in the heap, or -1.</summary>
    public int HeapIndex = -1;

    /// <summary>Rate-limited adds since the last <c>Forget</c>.</summary>
    public int Failures;

    /// <summary>Timestamp: since when it is ready, or with its worker.</summary>
    public long Since;

    /// <summary>Timestamp: when it becomes due.</summary>
    public long Deadline;

    /// <summary>With fairness, while it is ready or with a worker: those that it shares workers with.</summary>
    public KeyGroup<TKey>? Group;

    public QueueEntry<TKey>? Previous, Next;
}
