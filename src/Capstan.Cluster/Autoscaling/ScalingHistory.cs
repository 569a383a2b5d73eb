namespace Capstan.Cluster.Autoscaling;

/// <summary>What was recommended and done for one autoscaler lately. Not thread-safe: of one look at a time.</summary>
/// <remarks>Kept in memory only, as in Kubernetes: after a restart a first recommendation of the current size stands for what was before.</remarks>
internal sealed class ScalingHistory
{
    // No window of the API is longer.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly List<(int Replicas, DateTimeOffset At)> _recommendations = [];
    private readonly List<(int Change, DateTimeOffset At)> _changes = [];

    /// <summary>The size that it has at first is the first recommendation.</summary>
    public void Begin(int current, DateTimeOffset now)
    {
        if (_recommendations.Count == 0)
        {
            _recommendations.Add((current, now));
        }
    }

    public void Recommend(int replicas, DateTimeOffset now)
    {
        _recommendations.RemoveAll(one => one.At < now - Longest);
        _recommendations.Add((replicas, now));
    }

    public void Scaled(int change, DateTimeOffset now)
    {
        _changes.RemoveAll(one => one.At < now - Longest);
        _changes.Add((change, now));
    }

    public int Least(int replicas, TimeSpan window, DateTimeOffset now) => _recommendations.Where(one => one.At > now - window).Select(one => one.Replicas).Append(replicas).Min();

    public int Most(int replicas, TimeSpan window, DateTimeOffset now) => _recommendations.Where(one => one.At > now - window).Select(one => one.Replicas).Append(replicas).Max();

    /// <summary>How many there were when a period began.</summary>
    public int AtStart(int current, int periodSeconds, DateTimeOffset now) => current - _changes.Where(one => one.At > now.AddSeconds(-periodSeconds)).Sum(one => one.Change);
}
