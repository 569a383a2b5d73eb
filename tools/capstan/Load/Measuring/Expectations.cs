using System.Collections.Concurrent;

namespace Capstan.Tool.Load.Measuring;

/// <summary>What has been asked for and not been seen yet, and how long each took. Thread-safe.</summary>
/// <remarks>An object has at most one expectation at a time. Times run from before the request was sent, so that a server's own time counts.</remarks>
internal sealed class Expectations(TimeProvider time)
{
    private readonly ConcurrentDictionary<ObjectKey, (long Generation, Durations Took, long Since)> _open = new();
    private readonly ConcurrentDictionary<ObjectKey, string> _failed = new();
    private long _met;
    private long _lastAt;

    /// <summary>Expectation of an object that is to go.</summary>
    public const long Gone = -1;

    /// <summary>How many are open.</summary>
    public int Open => _open.Count;

    /// <summary>How many were met.</summary>
    public long Met => Interlocked.Read(ref _met);

    /// <summary>When the last was met, by the clock's timestamps; 0: none was.</summary>
    public long LastMetAt => Interlocked.Read(ref _lastAt);

    /// <summary>What objects say that are open and have failed, for now at least.</summary>
    public IReadOnlyCollection<string> Failures => [.. _failed.Where(one => _open.ContainsKey(one.Key)).Select(one => one.Value)];

    /// <summary>Whether the object has an open one.</summary>
    public bool Has(ObjectKey key) => _open.ContainsKey(key);

    /// <summary>From now on an object is to be seen done with a generation, or <see cref="Gone"/>.</summary>
    /// <returns>False: it has an expectation already, which stays.</returns>
    public bool TryExpect(ObjectKey key, long generation, Durations took) => _open.TryAdd(key, (generation, took, time.GetTimestamp()));

    /// <summary>What was asked for was refused: it will not come.</summary>
    public void Drop(ObjectKey key) => _open.TryRemove(key, out _);

    /// <summary>The open ones count from now: what they wait for has only begun.</summary>
    public void BeginNow()
    {
        foreach (var (key, expected) in _open)
        {
            _open.TryUpdate(key, expected with { Since = time.GetTimestamp() }, expected);
        }
    }

    /// <summary>An object was seen done with a generation.</summary>
    public void SeeDone(ObjectKey key, long generation) => Meet(key, expected => expected != Gone && generation >= expected);

    /// <summary>An object was seen to be gone.</summary>
    public void SeeGone(ObjectKey key) => Meet(key, expected => expected == Gone);

    /// <summary>An object was seen to have failed.</summary>
    public void SeeFailed(ObjectKey key, string message) => _failed[key] = message;

    private void Meet(ObjectKey key, Func<long, bool> isMet)
    {
        if (_open.TryGetValue(key, out var expected) && isMet(expected.Generation) && _open.TryRemove(new(key, expected)))
        {
            var now = time.GetTimestamp();
            expected.Took.Add(time.GetElapsedTime(expected.Since, now));
            _failed.TryRemove(key, out _);
            Interlocked.Increment(ref _met);
            Interlocked.Exchange(ref _lastAt, now);
        }
    }
}
