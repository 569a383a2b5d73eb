namespace Capstan.Queueing;

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
