using Capstan.Applying;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

public sealed class ConditionsTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void The_time_moves_only_with_the_status()
    {
        var conditions = new List<Condition>();
        var start = time.GetUtcNow();
        Assert.True(Conditions.Set(conditions, new() { Type = "Ready", Status = "False", Reason = "Waiting" }, time));

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Conditions.Set(conditions, new() { Type = "Ready", Status = "False", Reason = "StillWaiting" }, time));
        Assert.Equal((start, "StillWaiting"), (conditions[0].LastTransitionTime, conditions[0].Reason));
        Assert.False(Conditions.Set(conditions, new() { Type = "Ready", Status = "False", Reason = "StillWaiting" }, time));

        Assert.True(Conditions.Set(conditions, new() { Type = "Ready", Status = "True", Reason = "Done" }, time));
        Assert.Equal(start + TimeSpan.FromMinutes(1), conditions[0].LastTransitionTime);
        Assert.True(Conditions.IsTrue(conditions, "Ready"));
    }

    [Fact]
    public void Trap37_the_time_is_in_whole_seconds_so_that_reading_it_back_is_no_change()
    {
        var conditions = new List<Condition>();
        time.Advance(TimeSpan.FromMilliseconds(700));
        Conditions.Set(conditions, new() { Type = "Ready", Status = "True" }, time);
        Assert.Equal(0, conditions[0].LastTransitionTime!.Value.Millisecond);
    }

    [Fact]
    public void Others_keep_their_place()
    {
        var conditions = new List<Condition> { new() { Type = "A", Status = "True" }, new() { Type = "B", Status = "True" } };
        Conditions.Set(conditions, new() { Type = "A", Status = "False" }, time);
        Conditions.Set(conditions, new() { Type = "C", Status = "False" }, time);
        Assert.Equal(["A", "B", "C"], conditions.Select(condition => condition.Type));
        Assert.True(Conditions.Remove(conditions, "B"));
        Assert.False(Conditions.Remove(conditions, "B"));
        Assert.Equal(["A", "C"], conditions.Select(condition => condition.Type));
    }
}
