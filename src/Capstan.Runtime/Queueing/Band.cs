namespace Capstan.Queueing;

/// <summary>Ready entries of one priority, in the order in which they are taken.</summary>
internal abstract class Band<TKey>
{
    public abstract int Count { get; }

    /// <summary>The next to be taken; null if there is none.</summary>
    public abstract QueueEntry<TKey>? Head { get; }

    public abstract void Append(QueueEntry<TKey> entry);

    public abstract void Remove(QueueEntry<TKey> entry);
}

/// <summary>First in, first out.</summary>
internal sealed class FifoBand<TKey> : Band<TKey>
{
    private EntryList<TKey> _entries;

    public override int Count => _entries.Count;

    public override QueueEntry<TKey>? Head => _entries.First;

    public override void Append(QueueEntry<TKey> entry) => _entries.Append(entry);

    public override void Remove(QueueEntry<TKey> entry) => _entries.Remove(entry);
}
