using Capstan.Queueing;

namespace Capstan.Applying;

/// <summary>What makes two occurrences the same event. The note counts: another sentence is another event.</summary>
internal readonly record struct EventIdentity(ObjectReference Regarding, string Type, string Reason, string Action, string Note);

/// <summary>One event that may happen again.</summary>
internal sealed class EventRecord(ObjectKey key, DateTimeOffset firstAt)
{
    /// <summary>Namespace and name of the Event object.</summary>
    public ObjectKey Key { get; } = key;

    public DateTimeOffset FirstAt { get; } = firstAt;

    public DateTimeOffset LastAt { get; set; } = firstAt;

    public int Count { get; set; } = 1;

    /// <summary>Whether the Event object is known to the server.</summary>
    public bool Created { get; set; }
}

/// <summary>Which events happened lately, and which objects have had too many. Of the one loop that writes events.</summary>
/// <remarks>Bounded: when full, what was silent longest is forgotten, and starts anew if it happens again.</remarks>
internal sealed class EventSeriesBook(TimeProvider time)
{
    // The figures of client-go: 25 events at once for one object, then one per five minutes; a series ends after six silent minutes.
    private const int SpamBurst = 25;
    private const double SpamPerSecond = 1.0 / 300;
    private const int Capacity = 4096;
    private static readonly TimeSpan SeriesEnd = TimeSpan.FromMinutes(6);

    private readonly Dictionary<EventIdentity, EventRecord> _records = [];
    private readonly Dictionary<ObjectReference, (TokenBucket Bucket, DateTimeOffset UsedAt)> _buckets = [];
    private long _names;

    /// <summary>Counts an occurrence.</summary>
    public EventRecord Record(EventIdentity identity, DateTimeOffset at)
    {
        if (_records.TryGetValue(identity, out var record) && at - record.LastAt < SeriesEnd)
        {
            record.Count++;
            record.LastAt = at;
            return record;
        }

        if (_records.Count >= Capacity)
        {
            Forget(_records, record => record.LastAt);
        }

        // Unique over restarts by the time, and within a tick by the number.
        var regarding = identity.Regarding;
        var suffix = $".{at.UtcTicks:x}{_names++:x}";
        var name = NameFrom(regarding.Name ?? "", 253 - suffix.Length);
        record = new(new(string.IsNullOrEmpty(regarding.Namespace) ? "default" : regarding.Namespace, name + suffix), at);
        _records[identity] = record;
        return record;
    }

    /// <summary>Whether one more request about this object may be sent now.</summary>
    public bool MayWrite(ObjectReference regarding, DateTimeOffset at)
    {
        // The version does not make it another object.
        regarding = regarding with { ResourceVersion = null };
        if (!_buckets.TryGetValue(regarding, out var entry))
        {
            if (_buckets.Count >= Capacity)
            {
                Forget(_buckets, bucket => bucket.UsedAt);
            }

            entry.Bucket = new(SpamPerSecond, SpamBurst, time);
        }

        _buckets[regarding] = (entry.Bucket, at);
        return entry.Bucket.Allow();
    }

    /// <summary>The beginning of a DNS name: objects of some kinds (roles, for example) have names that an Event cannot have.</summary>
    private static string NameFrom(string name, int length) => name.Length == 0 ? "event" : string.Create(Math.Min(name.Length, length), name, static (into, from) =>
    {
        for (var i = 0; i < into.Length; i++)
        {
            var c = char.ToLowerInvariant(from[i]);
            var mustBeWord = i == 0 || i == into.Length - 1 || into[i - 1] == '.';
            into[i] = char.IsAsciiLetterOrDigit(c) ? c : mustBeWord ? 'x' : c == '.' && into[i - 1] != '-' ? '.' : '-';
        }
    });

    private static void Forget<TKey, TValue>(Dictionary<TKey, TValue> book, Func<TValue, DateTimeOffset> usedAt)
        where TKey : notnull
    {
        foreach (var (key, _) in book.OrderBy(entry => usedAt(entry.Value)).Take(Capacity / 8).ToList())
        {
            book.Remove(key);
        }
    }
}
