using Capstan.Cluster.Events;

namespace Capstan.Cluster.Tests.Events;

public sealed class SimilarEventsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void From_the_tenth_message_on_they_are_combined_until_there_was_silence()
    {
        var similar = new SimilarEvents();
        var told = Enumerable.Range(1, 12).Select(i => similar.Combine(Occurrence($"m{i}", Start.AddSeconds(i)))).ToList();
        Assert.Equal([.. Enumerable.Range(1, 9).Select(i => $"m{i}"), "(combined from similar events): m10", "(combined from similar events): m11", "(combined from similar events): m12"], told.Select(one => one.Message));
        Assert.Equal([false, true], told.Select(one => one.IsCombined).Distinct());
        Assert.False(similar.Combine(Occurrence("m1", Start.AddSeconds(20))).IsCombined);
        Assert.False(similar.Combine(Occurrence("m13", Start.AddHours(1))).IsCombined);
    }

    private static EventOccurrence Occurrence(string message, DateTimeOffset at) => new(new() { Kind = "Deployment", Name = "web", Namespace = "shop" }, "deployment-controller", "m", "Normal", "ScalingReplicaSet", message, at);
}
