using System.Runtime.InteropServices;

namespace Capstan.Queueing;

/// <summary>The entries by key. Those that are no longer needed are used again, so that a key that comes and goes costs no allocation.</summary>
internal sealed class EntryTable<TKey>
    where TKey : notnull
{
    // A flood of keys must not be remembered for ever.
    private const int MostFree = 4096;
    private readonly Dictionary<TKey, QueueEntry<TKey>> _entries = [];
    private QueueEntry<TKey>? _free;
    private int _freeCount;

    public QueueEntry<TKey>? Find(TKey key) => _entries.GetValueOrDefault(key);

    public QueueEntry<TKey> FindOrAdd(TKey key)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out _);
        if (slot is not null)
        {
            return slot;
        }

        if (_free is { } entry)
        {
            _free = entry.Next;
            _freeCount--;
            entry.Next = null;
        }
        else
        {
            entry = new();
        }

        entry.Key = key;
        return slot = entry;
    }

    /// <summary>Lets go of an entry that has nothing to remember.</summary>
    public void ReleaseIfUnused(QueueEntry<TKey> entry)
    {
        if (entry is not { State: EntryState.Idle, Failures: 0 })
        {
            return;
        }

        _entries.Remove(entry.Key);
        entry.Key = default!;
        entry.Priority = Priority.Resync;
        if (_freeCount < MostFree)
        {
            entry.Next = _free;
            _free = entry;
            _freeCount++;
        }
    }
}
