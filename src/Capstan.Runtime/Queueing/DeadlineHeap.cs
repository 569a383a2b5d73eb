namespace Capstan.Queueing;

/// <summary>Entries by deadline, the earliest first. Each entry knows its place, so that a deadline can be moved or dropped in logarithmic time.</summary>
internal sealed class DeadlineHeap<TKey>
{
    // Four children per node: half the depth of a binary heap, and the children of a node share cache lines.
    private const int Arity = 4;
    private QueueEntry<TKey>[] _heap = new QueueEntry<TKey>[16];

    public int Count { get; private set; }

    public QueueEntry<TKey>? Earliest => Count == 0 ? null : _heap[0];

    /// <summary>Adds the entry, or moves its deadline when the new one is earlier.</summary>
    public void AddOrAdvance(QueueEntry<TKey> entry, long deadline)
    {
        if (entry.HeapIndex < 0)
        {
            if (Count == _heap.Length)
            {
                Array.Resize(ref _heap, _heap.Length * 2);
            }

            entry.Deadline = deadline;
            SiftUp(entry, Count++);
        }
        else if (deadline < entry.Deadline)
        {
            entry.Deadline = deadline;
            SiftUp(entry, entry.HeapIndex);
        }
    }

    /// <summary>Takes the entry out, if it is in.</summary>
    public void Remove(QueueEntry<TKey> entry)
    {
        var index = entry.HeapIndex;
        if (index < 0)
        {
            return;
        }

        entry.HeapIndex = -1;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (last == entry)
        {
            return;
        }

        if (index > 0 && last.Deadline < _heap[(index - 1) / Arity].Deadline)
        {
            SiftUp(last, index);
        }
        else
        {
            SiftDown(last, index);
        }
    }

    private void SiftUp(QueueEntry<TKey> entry, int index)
    {
        while (index > 0)
        {
            var parent = (index - 1) / Arity;
            if (_heap[parent].Deadline <= entry.Deadline)
            {
                break;
            }

            Put(_heap[parent], index);
            index = parent;
        }

        Put(entry, index);
    }

    private void SiftDown(QueueEntry<TKey> entry, int index)
    {
        while (true)
        {
            var first = index * Arity + 1;
            if (first >= Count)
            {
                break;
            }

            var smallest = first;
            for (var child = first + 1; child < Math.Min(first + Arity, Count); child++)
            {
                if (_heap[child].Deadline < _heap[smallest].Deadline)
                {
                    smallest = child;
                }
            }

            if (_heap[smallest].Deadline >= entry.Deadline)
            {
                break;
            }

            Put(_heap[smallest], index);
            index = smallest;
        }

        Put(entry, index);
    }

    private void Put(QueueEntry<TKey> entry, int index)
    {
        _heap[index] = entry;
        entry.HeapIndex = index;
    }
}
