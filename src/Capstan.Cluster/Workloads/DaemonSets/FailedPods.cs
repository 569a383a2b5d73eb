using System.Collections.Concurrent;

namespace Capstan.Cluster.Workloads.DaemonSets;

/// <summary>How long a daemon that failed on a node waits for its next try there: not at all, then a second doubling to fifteen minutes; anew after twice that time.</summary>
/// <remarks>Thread-safe. Bounded: what has been quiet long enough is forgotten.</remarks>
internal sealed class FailedPods(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private const int Many = 1000;

    private readonly ConcurrentDictionary<(string Set, long Generation, string Node), (TimeSpan Wait, DateTimeOffset Since)> _tries = new();

    /// <summary>Counts a try if its time has come.</summary>
    /// <returns>How long it has to wait still; zero: it may be made now.</returns>
    public TimeSpan Try(string set, long generation, string node)
    {
        var now = time.GetUtcNow();
        var key = (set, generation, node);
        if (!_tries.TryGetValue(key, out var last) || now - last.Since > 2 * Longest)
        {
            Forget(now);
            _tries[key] = (First, now);
            return TimeSpan.Zero;
        }

        var left = last.Since + last.Wait - now;
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        _tries[key] = (last.Wait * 2 > Longest ? Longest : last.Wait * 2, now);
        return TimeSpan.Zero;
    }

    private void Forget(DateTimeOffset now)
    {
        if (_tries.Count < Many)
        {
            return;
        }

        foreach (var (key, _) in _tries.Where(one => now - one.Value.Since > 2 * Longest).ToList())
        {
            _tries.TryRemove(key, out _);
        }
    }
}
