using Capstan;

namespace KubeTemplater.Policies.Status;

/// <summary>Templates that were held to a policy since its status was written last.</summary>
/// <param name="Successes">Those that it allowed.</param>
/// <param name="Failures">Those that it did not.</param>
/// <param name="LastAt">When the last of them was.</param>
internal readonly record struct PolicyTally(long Successes, long Failures, DateTimeOffset LastAt)
{
    public static PolicyTally operator +(PolicyTally one, PolicyTally other) =>
        new(one.Successes + other.Successes, one.Failures + other.Failures, one.LastAt > other.LastAt ? one.LastAt : other.LastAt);
}

/// <summary>The tallies of all policies.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PolicyTallies
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, (string? Uid, PolicyTally Tally)> _tallies = [];

    /// <summary>Adds to a policy's tally. What was counted for another policy of that name, which is gone, is forgotten.</summary>
    public void Add(ObjectKey policy, string? uid, PolicyTally tally)
    {
        lock (_lock)
        {
            _tallies[policy] = (uid, _tallies.TryGetValue(policy, out var known) && known.Uid == uid ? known.Tally + tally : tally);
        }
    }

    /// <summary>Takes a policy's tally away; null if nothing was counted.</summary>
    public PolicyTally? Take(ObjectKey policy, string? uid)
    {
        lock (_lock)
        {
            return _tallies.Remove(policy, out var known) && known.Uid == uid ? known.Tally : null;
        }
    }
}
