namespace Capstan.Queueing;

/// <summary>The ready entries, in a band for each priority; says whose turn it is. All of it belongs to the queue's lock.</summary>
/// <remarks>
/// <para>A band has a head start of one ageing step over the next lower one: of the bands' heads, the one that became ready first less its head starts is taken.
/// So the priorities are strict among keys of about the same age, and nothing waits for ever.</para>
/// <para>With fairness, the head of a band is of the group that has the fewest keys with workers; groups with equally many take turns.</para>
/// </remarks>
internal sealed class ReadyKeys<TKey>
{
    public const int Bands = (int)Priority.UserChange + 1;
    private readonly Band<TKey>[] _bands = new Band<TKey>[Bands];
    private readonly KeyGroups<TKey>? _groups;
    private readonly long _ageingStep;

    /// <param name="ageingStep">In timestamps.</param>
    /// <param name="groupOf">The group that a key shares workers with; null: no fairness.</param>
    public ReadyKeys(long ageingStep, Func<TKey, string>? groupOf)
    {
        // Three steps must not overflow a timestamp.
        _ageingStep = Math.Min(ageingStep, long.MaxValue / 8);
        _groups = groupOf is null ? null : new(groupOf, _bands);
        for (var band = 0; band < Bands; band++)
        {
            _bands[band] = groupOf is null ? new FifoBand<TKey>() : new FairBand<TKey>(band);
        }
    }

    public int Count { get; private set; }

    public int CountOf(int band) => _bands[band].Count;

    /// <summary>The entry becomes ready now.</summary>
    public void Append(QueueEntry<TKey> entry, long now)
    {
        entry.State = EntryState.Ready;
        entry.Since = now;
        entry.Band = entry.Priority;
        _groups?.Join(entry);
        _bands[(int)entry.Band].Append(entry);
        Count++;
    }

    /// <summary>A ready entry is asked for more urgently: it goes behind those that had the higher priority before it, unless its age already puts it further ahead.</summary>
    public void Raise(QueueEntry<TKey> entry, Priority priority, long now)
    {
        entry.Priority = priority;
        if (Turn(now, priority) < Turn(entry.Since, entry.Band))
        {
            _bands[(int)entry.Band].Remove(entry);
            entry.Band = priority;
            entry.Since = now;
            _bands[(int)priority].Append(entry);
        }
    }

    /// <summary>Takes out the entry whose turn it is: each band is in order of time, so that only the heads are compared.</summary>
    public QueueEntry<TKey>? Take()
    {
        if (Count == 0)
        {
            return null;
        }

        QueueEntry<TKey>? first = null;
        for (var band = Bands - 1; band >= 0; band--)
        {
            if (_bands[band] is { Count: > 0 } some && some.Head is { } head && (first is null || Turn(head.Since, head.Band) < Turn(first.Since, first.Band)))
            {
                first = head;
            }
        }

        Remove(first!);
        return first;
    }

    public void Remove(QueueEntry<TKey> entry)
    {
        _bands[(int)entry.Band].Remove(entry);
        Count--;
    }

    /// <summary>The entry, which is in no band, goes to a worker.</summary>
    public void Started(QueueEntry<TKey> entry) => _groups?.Started(entry);

    /// <summary>The entry comes back from its worker.</summary>
    public void Ended(QueueEntry<TKey> entry) => _groups?.Ended(entry);

    private long Turn(long readyAt, Priority band) => readyAt - (int)band * _ageingStep;
}
