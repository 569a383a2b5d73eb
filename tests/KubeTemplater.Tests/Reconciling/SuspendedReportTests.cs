using KubeTemplater.Reconciling;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.Reconciling;

/// <summary>What is said of a template that rests, later and again.</summary>
public sealed class SuspendedReportTests
{
    [Fact]
    public void It_is_said_once_so_that_a_restart_or_another_look_writes_nothing()
    {
        var now = new DateTimeOffset(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);
        var template = Given.Template() with { Status = new() { ProcessingPhase = Phases.Failed, Status = "Error: x", RetryCount = 2 } };
        var first = StatusReport.Suspended(template, now);

        var again = StatusReport.Suspended(template with { Status = first }, now.AddHours(1));

        Assert.True(StatusReport.SaysTheSame(first, again));
        Assert.Equal(now, Assert.Single(again.Conditions!, condition => condition.Type == "Suspended").LastTransitionTime);
        Assert.DoesNotContain(TemplateConditions.Completed(template with { Status = again }, now, "x"), condition => condition.Type == "Suspended");
    }
}
