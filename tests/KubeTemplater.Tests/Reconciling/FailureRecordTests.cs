using Capstan;
using KubeTemplater.Reconciling;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Reconciling;

public class FailureRecordTests
{
    private const string Policy = "11111111/4";
    private static readonly DateTimeOffset _noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RetrySchedule _schedule = new(new());

    [Fact]
    public void A_failed_template_waits_for_what_is_left_of_its_wait()
    {
        Assert.Equal(ReconcileResult.After(TimeSpan.FromSeconds(3), Capstan.Queueing.Priority.Retry), HoldUp(Failed(count: 3), _noon.AddSeconds(1)));
        Assert.Null(HoldUp(Failed(count: 3), _noon.AddSeconds(4)));
        Assert.Equal(ReconcileResult.After(TimeSpan.FromSeconds(299), Capstan.Queueing.Priority.Retry), HoldUp(Failed(count: 0, cycle: 1), _noon.AddSeconds(1)));
    }

    [Fact]
    public void A_paused_template_waits_for_somebody() => Assert.Equal(ReconcileResult.Done, HoldUp(Failed(count: 1, cycle: 3, phase: Phases.Paused), _noon.AddYears(1)));

    [Theory]
    [InlineData(Phases.Failed)]
    [InlineData(Phases.Paused)]
    public void Another_spec_or_another_policy_starts_anew(string phase)
    {
        var template = Failed(count: 3, phase: phase);

        Assert.Null(FailureRecord.HoldUp(template, "11111111/5", _schedule, _noon));
        Assert.Equal(default, FailureRecord.CountOf(template, "11111111/5"));
        template.Metadata.Generation++;
        Assert.Null(HoldUp(template, _noon));
        Assert.Equal(default, FailureRecord.CountOf(template, Policy));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Phases.Queued)]
    [InlineData(Phases.Processing)]
    public void What_was_under_way_when_an_operator_died_runs_at_once_and_its_failures_still_count(string? phase)
    {
        var template = Failed(count: 3, phase: phase);

        Assert.Null(HoldUp(template, _noon));
        Assert.Equal(new(3, 0), FailureRecord.CountOf(template, Policy));
    }

    [Fact]
    public void What_failed_for_a_violation_runs_once_the_policy_allows_it() => Assert.Null(HoldUp(Failed(count: 0), _noon));

    [Fact]
    public void Failures_count_even_where_an_older_definition_drops_the_version_of_the_policy()
    {
        var template = Failed(count: 3);
        template.Status!.ObservedPolicy = null;

        Assert.Equal(new(3, 0), FailureRecord.CountOf(template, Policy));
        Assert.NotNull(HoldUp(template, _noon));
    }

    private static ReconcileResult? HoldUp(KubeTemplate template, DateTimeOffset now) => FailureRecord.HoldUp(template, Policy, _schedule, now);

    private static KubeTemplate Failed(int count, int cycle = 0, string? phase = Phases.Failed)
    {
        var template = Given.Template();
        template.Status = new()
        {
            ProcessingPhase = phase, ProcessedAt = _noon, RetryCount = count, RetryCycle = cycle, ObservedGeneration = template.Metadata.Generation, ObservedPolicy = Policy,
        };
        return template;
    }
}
