using Capstan.Applying;

namespace Capstan.Cluster.Events;

/// <summary>Finds events of one object that differ in their message only: from the tenth such message on they are combined to one. Bounded; not thread-safe.</summary>
internal sealed class SimilarEvents
{
    // The figures of client-go.
    private const int Limit = 10;
    private const int Capacity = 4096;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(ObjectReference Regarding, string Component, string Type, string Reason), Group> _groups = [];

    /// <summary>The occurrence as it is to be told.</summary>
    public EventOccurrence Combine(EventOccurrence occurrence)
    {
        var key = (occurrence.Regarding with { ResourceVersion = null }, occurrence.Component, occurrence.Type, occurrence.Reason);
        if (!_groups.TryGetValue(key, out var group) || occurrence.At - group.LastAt > Interval)
        {
            Forget();
            _groups[key] = group = new();
        }

        group.LastAt = occurrence.At;
        if (group.Messages.Count == Limit - 1 && !group.Messages.Contains(occurrence.Message))
        {
            return occurrence with { Message = $"(combined from similar events): {occurrence.Message}", IsCombined = true };
        }

        group.Messages.Add(occurrence.Message);
        return occurrence;
    }

    /// <summary>When full, the half that was silent longest makes room.</summary>
    private void Forget()
    {
        if (_groups.Count < Capacity)
        {
            return;
        }

        foreach (var (key, _) in _groups.OrderBy(static group => group.Value.LastAt).Take(Capacity / 2).ToList())
        {
            _groups.Remove(key);
        }
    }

    private sealed class Group
    {
        public HashSet<string> Messages { get; } = new(StringComparer.Ordinal);

        public DateTimeOffset LastAt { get; set; }
    }
}
