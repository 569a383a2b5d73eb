using System.Collections.Concurrent;
using KubeTemplater.Templating;

namespace KubeTemplater.Drift;

/// <summary>Keeps two who want different things of one object from changing it for ever as fast as they can. Thread-safe.</summary>
/// <remarks>
/// The first corrections of an object are made at once. When they come again and again, each waits twice as long as the one before, up to <see cref="Longest"/>. An object
/// that stays as it is for a minute, and for twice its last wait, is calm: all is forgotten. So is it at a restart.
/// </remarks>
internal sealed class Flapping(TimeProvider time)
{
    /// <summary>Corrections that are made at once.</summary>
    public const int AtOnce = 5;

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _calm = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<ObjectIdentity, History> _objects = new();

    /// <summary>Objects that were corrected lately.</summary>
    public int Count => _objects.Count;

    /// <summary>The object was corrected.</summary>
    public void Corrected(ObjectIdentity identity)
    {
        var now = time.GetUtcNow();
        _objects.AddOrUpdate(identity, _ => new(1, now), (_, before) => before.IsCalmAt(now) ? new(1, now) : new(before.Count + 1, now));
    }

    /// <summary>How long the next correction of the object has to wait; zero or less: not at all.</summary>
    public TimeSpan WaitOf(ObjectIdentity identity)
    {
        var now = time.GetUtcNow();
        return Find(identity, now) is { } history ? history.Last + history.Wait - now : TimeSpan.Zero;
    }

    /// <summary>Since how many corrections the object has not been calm; null if it is, or was corrected a few times only.</summary>
    public int? TimesOf(ObjectIdentity identity) => Find(identity, time.GetUtcNow()) is { Count: > AtOnce } history ? history.Count : null;

    /// <summary>When the object will be calm, if it stays as it is.</summary>
    public TimeSpan CalmIn(ObjectIdentity identity)
    {
        var now = time.GetUtcNow();
        return Find(identity, now) is { } history ? history.Last + history.Calm - now : TimeSpan.Zero;
    }

    /// <summary>Forgets the objects that are calm.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var (identity, history) in _objects.Where(one => one.Value.IsCalmAt(now)))
        {
            _objects.TryRemove(new(identity, history));
        }
    }

    private History? Find(ObjectIdentity identity, DateTimeOffset now) =>
        _objects.TryGetValue(identity, out var history) && !history.IsCalmAt(now) ? history : null;

    private sealed record History(int Count, DateTimeOffset Last)
    {
        public TimeSpan Wait { get; } = Count <= AtOnce ? TimeSpan.Zero
            : Count - AtOnce > 20 ? Longest
            : _first * (1 << (Count - AtOnce - 1)) is var doubled && doubled < Longest ? doubled : Longest;

        public TimeSpan Calm => Wait * 2 > _calm ? Wait * 2 : _calm;

        public bool IsCalmAt(DateTimeOffset now) => now - Last >= Calm;
    }
}
