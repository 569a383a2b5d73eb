namespace Capstan.Queueing;

/// <summary>Keys that share workers with each other, for example those of a namespace.</summary>
internal sealed class KeyGroup<TKey>
{
    public KeyGroup()
    {
        Lanes = new KeyLane<TKey>[ReadyKeys<TKey>.Bands];
        for (var band = 0; band < Lanes.Length; band++)
        {
            Lanes[band] = new(this);
        }
    }

    public string Name { get; set; } = "";

    /// <summary>One for each band.</summary>
    public KeyLane<TKey>[] Lanes { get; }

    /// <summary>Entries that are ready or with a worker: without any, the group goes.</summary>
    public int Members { get; set; }

    /// <summary>Entries that are with a worker.</summary>
    public int Running { get; set; }
}

/// <summary>The ready entries of one group in one band.</summary>
internal sealed class KeyLane<TKey>
{
    public EntryList<TKey> Entries;

    public KeyLane(KeyGroup<TKey> group)
    {
        Group = group;
        Place = new(this);
    }

    public KeyGroup<TKey> Group { get; }

    /// <summary>Among the lanes of its band.</summary>
    public LinkedListNode<KeyLane<TKey>> Place { get; }
}

/// <summary>The groups that have entries which are ready or with a worker.</summary>
internal sealed class KeyGroups<TKey>(Func<TKey, string> groupOf, Band<TKey>[] bands)
{
    private const int MostFree = 256;
    private readonly Dictionary<string, KeyGroup<TKey>> _groups = new(StringComparer.Ordinal);
    private readonly Stack<KeyGroup<TKey>> _free = [];

    public void Join(QueueEntry<TKey> entry)
    {
        if (entry.Group is not null)
        {
            return;
        }

        var name = NameOf(entry.Key);
        if (!_groups.TryGetValue(name, out var group))
        {
            group = _free.Count > 0 ? _free.Pop() : new();
            group.Name = name;
            _groups.Add(name, group);
        }

        group.Members++;
        entry.Group = group;
    }

    public void Started(QueueEntry<TKey> entry)
    {
        Join(entry);
        entry.Group!.Running++;
        Move(entry.Group);
    }

    public void Ended(QueueEntry<TKey> entry)
    {
        var group = entry.Group!;
        group.Running--;
        Move(group);
        entry.Group = null;
        if (--group.Members == 0)
        {
            _groups.Remove(group.Name);
            if (_free.Count < MostFree)
            {
                _free.Push(group);
            }
        }
    }

    private void Move(KeyGroup<TKey> group)
    {
        for (var band = 0; band < bands.Length; band++)
        {
            ((FairBand<TKey>)bands[band]).Move(group.Lanes[band]);
        }
    }

    // The delegate is the user's, and called under the queue's lock, also on a timer: what it throws must not get out.
    private string NameOf(TKey key)
    {
        try
        {
            return groupOf(key) ?? "";
        }
        catch (Exception)
        {
            return "";
        }
    }
}
