using System.Diagnostics.CodeAnalysis;

namespace Capstan.Hosting;

/// <summary>Answers that hold for a time. It never has more than <paramref name="capacity"/>: when it is full, those that expire first make room. Thread-safe.</summary>
internal sealed class ExpiringCache<TKey, TValue>(int capacity, TimeProvider time)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, (TValue Value, long Until)> _entries = [];

    /// <summary>Entries, expired ones included until they are met.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                if (time.GetTimestamp() < entry.Until)
                {
                    value = entry.Value;
                    return true;
                }

                _entries.Remove(key);
            }
        }

        value = default;
        return false;
    }

    public void Set(TKey key, TValue value, TimeSpan lifetime)
    {
        var until = time.GetTimestamp() + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        lock (_gate)
        {
            if (_entries.Count >= capacity && !_entries.ContainsKey(key))
            {
                MakeRoom_NeedsLock();
            }

            _entries[key] = (value, until);
        }
    }

    // A quarter at a time, so that the sort is paid once for many new entries.
    private void MakeRoom_NeedsLock()
    {
        foreach (var key in _entries.OrderBy(entry => entry.Value.Until).Take(Math.Max(1, capacity / 4)).Select(entry => entry.Key).ToList())
        {
            _entries.Remove(key);
        }
    }
}
