using System.Globalization;
using Capstan.Applying;
using Capstan.Queueing;

namespace Capstan.Cluster.Events;

/// <summary>Something that happened to an object once.</summary>
internal sealed record EventOccurrence(ObjectReference Regarding, string Component, string Manager, string Type, string Reason, string Message, DateTimeOffset At)
{
    /// <summary>The part of the object that it is about; null: the whole.</summary>
    public string? FieldPath { get; init; }

    /// <summary>The node that the component is of; null: none.</summary>
    public string? Host { get; init; }

    /// <summary>It stands for others that differ in their message.</summary>
    public bool IsCombined { get; init; }
}

/// <summary>An Event on the server, and how often it has happened.</summary>
internal sealed class EventEntry(ObjectKey key, DateTimeOffset firstAt)
{
    public ObjectKey Key { get; set; } = key;

    public DateTimeOffset FirstAt { get; } = firstAt;

    public DateTimeOffset LastAt { get; set; } = firstAt;

    public int Count { get; set; } = 1;
}

/// <summary>Which events happened before, and which objects have had too many. Bounded; not thread-safe.</summary>
internal sealed class EventLedger(TimeProvider time)
{
    // The figures of client-go: 25 at once about one object, then one in five minutes; 4096 are remembered.
    private const int Burst = 25;
    private const double PerSecond = 1.0 / 300;
    private const int Capacity = 4096;
    private const int NameLength = 253;

    // Beside all messages, of which none is empty.
    private const string Combined = "";

    private readonly Dictionary<(ObjectReference Regarding, string? FieldPath, string Component, string Type, string Reason, string Message), EventEntry> _entries = [];
    private readonly Dictionary<(ObjectReference Regarding, string Component), (TokenBucket Bucket, DateTimeOffset UsedAt)> _buckets = [];
    private long _lastName;

    /// <summary>Counts an occurrence; null if there have been too many.</summary>
    public EventEntry? Enter(EventOccurrence occurrence)
    {
        // The version does not make it another object.
        var regarding = occurrence.Regarding with { ResourceVersion = null };
        if (!MayWrite((regarding, occurrence.Component), occurrence.At))
        {
            return null;
        }

        var identity = (regarding, occurrence.FieldPath, occurrence.Component, occurrence.Type, occurrence.Reason, occurrence.IsCombined ? Combined : occurrence.Message);
        if (_entries.TryGetValue(identity, out var entry))
        {
            entry.Count++;
            entry.LastAt = occurrence.At;
            return entry;
        }

        Forget(_entries, one => one.LastAt);
        return _entries[identity] = new(NewKey(occurrence), occurrence.At);
    }

    /// <summary>As Kubernetes names Events: the object and the moment.</summary>
    public ObjectKey NewKey(EventOccurrence occurrence)
    {
        _lastName = Math.Max((occurrence.At - DateTimeOffset.UnixEpoch).Ticks * 100, _lastName + 1);
        var suffix = "." + _lastName.ToString("x", CultureInfo.InvariantCulture);
        var name = occurrence.Regarding.Name ?? "";
        var cut = name.Length + suffix.Length > NameLength ? name[..(NameLength - suffix.Length)].TrimEnd('.', '-') : name;
        return new(string.IsNullOrEmpty(occurrence.Regarding.Namespace) ? "default" : occurrence.Regarding.Namespace, cut + suffix);
    }

    private bool MayWrite((ObjectReference, string) source, DateTimeOffset at)
    {
        if (!_buckets.TryGetValue(source, out var found))
        {
            Forget(_buckets, one => one.UsedAt);
            found.Bucket = new(PerSecond, Burst, time);
        }

        _buckets[source] = (found.Bucket, at);
        return found.Bucket.Allow();
    }

    /// <summary>When full, the half that was silent longest makes room.</summary>
    private static void Forget<TKey, TValue>(Dictionary<TKey, TValue> book, Func<TValue, DateTimeOffset> usedAt)
        where TKey : notnull
    {
        if (book.Count < Capacity)
        {
            return;
        }

        foreach (var (key, _) in book.OrderBy(one => usedAt(one.Value)).Take(Capacity / 2).ToList())
        {
            book.Remove(key);
        }
    }
}
