using KubeTemplater.Reconciling;

namespace KubeTemplater.Tests.Reconciling;

public class RetryScheduleTests
{
    private static readonly DateTimeOffset _noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void By_default_the_waits_double_to_16_seconds_then_cool_down_three_times_and_the_19th_failure_pauses()
    {
        var steps = Steps(new());

        int[] cycle = [1, 2, 4, 8, 16, 300];
        Assert.Equal([.. cycle, .. cycle, .. cycle], steps.SkipLast(1).Select(step => (int)step.Wait.TotalSeconds));
        Assert.Equal(RetryAction.Pause, steps[^1].Action);
        Assert.Equal(19, steps.Count);
        Assert.Equal(993, steps.SkipLast(1).Sum(step => step.Wait.TotalSeconds));
    }

    [Fact]
    public void The_count_tells_the_failures_of_the_cycle_and_the_cycles_that_ended()
    {
        var steps = Steps(new() { MaxRetries = 2, MaxRetryCycles = 2 });

        Assert.Equal([(1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (0, 2), (1, 2)], steps.Select(step => (step.Count.Failures, step.Count.Cycles)));
        Assert.Equal(
            [RetryAction.Retry, RetryAction.Retry, RetryAction.CoolDown, RetryAction.Retry, RetryAction.Retry, RetryAction.CoolDown, RetryAction.Pause],
            steps.Select(step => step.Action));
    }

    [Fact]
    public void No_wait_is_longer_than_the_maximum()
    {
        var steps = Steps(new() { MaxRetries = 8, InitialRetryDelay = TimeSpan.FromSeconds(7), MaxRetryDelay = TimeSpan.FromSeconds(60), MaxRetryCycles = 1 });

        Assert.Equal([7, 14, 28, 56, 60, 60, 60, 60, 60], steps.SkipLast(1).Select(step => (int)step.Wait.TotalSeconds));
    }

    [Fact]
    public void An_initial_delay_over_the_maximum_is_cut_to_it() =>
        Assert.Equal(60, new RetrySchedule(new() { InitialRetryDelay = TimeSpan.FromSeconds(3600), MaxRetryDelay = TimeSpan.FromSeconds(60) }).AfterFailure(default).Wait.TotalSeconds);

    [Fact]
    public void Without_a_limit_of_cycles_it_goes_on_for_ever()
    {
        var schedule = new RetrySchedule(new() { MaxRetryCycles = 0 });
        var count = default(RetryCount);
        for (var i = 0; i < 60_000; i++)
        {
            var step = schedule.AfterFailure(count);
            Assert.NotEqual(RetryAction.Pause, step.Action);
            Assert.InRange(step.Wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(300));
            count = step.Count;
        }

        Assert.Equal(new(0, 10_000), count);
        Assert.Equal(new(0, int.MaxValue), schedule.AfterFailure(new(5, int.MaxValue)).Count);
    }

    [Theory]
    [InlineData(5, 1000, nameof(RetryAction.Pause))]
    [InlineData(int.MaxValue - 1, 0, nameof(RetryAction.CoolDown))]
    [InlineData(int.MinValue, int.MinValue, nameof(RetryAction.Retry))]
    [InlineData(-1, -1, nameof(RetryAction.Retry))]
    public void What_an_operator_with_other_options_or_a_person_left_in_the_status_is_taken_as_it_can_be(int failures, int cycles, string expected)
    {
        var step = new RetrySchedule(new()).AfterFailure(new(failures, cycles));

        Assert.Equal(expected, step.Action.ToString());
        Assert.True(step.Wait >= TimeSpan.FromSeconds(1) || step.Action == RetryAction.Pause);
    }

    [Fact]
    public void The_longest_row_of_retries_does_not_overflow() =>
        Assert.All(Steps(new() { MaxRetries = 1000, MaxRetryCycles = 1 }).SkipLast(1), step => Assert.InRange(step.Wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(300)));

    [Theory]
    [InlineData(1, 0, 0, 1)]
    [InlineData(3, 0, 1, 3)]
    [InlineData(3, 0, 4, 0)]
    [InlineData(3, 0, 400, -396)]
    [InlineData(0, 1, 120, 180)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(2, 1, -3600, 2)]
    public void After_a_restart_a_template_waits_for_what_is_left_of_its_wait(int failures, int cycles, int secondsSince, int secondsLeft) =>
        Assert.Equal(secondsLeft, new RetrySchedule(new()).Remaining(new(failures, cycles), _noon, _noon.AddSeconds(secondsSince)).TotalSeconds);

    [Fact]
    public void What_is_left_agrees_with_what_was_said_at_the_failure() =>
        Assert.All(Steps(new()).SkipLast(1), step => Assert.Equal(step.Wait, new RetrySchedule(new()).Remaining(step.Count, _noon, _noon)));

    /// <summary>All that follows, failure by failure, until it is paused.</summary>
    private static List<RetryStep> Steps(KubeTemplaterOptions options)
    {
        var schedule = new RetrySchedule(options);
        List<RetryStep> steps = [];
        do
        {
            steps.Add(schedule.AfterFailure(steps.LastOrDefault().Count));
        }
        while (steps[^1].Action != RetryAction.Pause);

        return steps;
    }
}
