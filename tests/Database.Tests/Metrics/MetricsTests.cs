using Capstan.Testing;
using Databases.Metrics;
using Databases.Resources;

namespace Databases.Tests.Metrics;

public class MetricsTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_tells_of_the_Databases_that_there_are_and_of_no_other()
    {
        var running = shared.Running;
        await running.Client.CreateAsync(Given.Database(), cancellationToken: Cancelled);
        await running.SeenAsync("default", "shop", Phases.Ready);

        var page = await PageAsync(running, text => text.Contains("""database_resources_total{phase="Ready"} 1""", StringComparison.Ordinal));
        Assert.Contains("""database_info{name="shop",namespace="default",image="postgres:14",phase="Ready"} 1""", page, StringComparison.Ordinal);
        foreach (var name in (string[])["database_reconcile_total{result=\"success\"}", "database_reconcile_total{result=\"requeue\"}", "database_reconcile_duration_seconds_bucket", "database_reconcile_queue_depth", "database_reconcile_rate"])
        {
            Assert.Contains(name, page, StringComparison.Ordinal);
        }

        await running.Client.DeleteAsync<Database>(new("default", "shop"), cancellationToken: Cancelled);
        var after = await PageAsync(running, text => !text.Contains("database_info{", StringComparison.Ordinal));
        Assert.Contains("""database_resources_total{phase="Ready"} 0""", after, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rate_is_of_the_last_minute()
    {
        var time = new Capstan.Runtime.Tests.ManualTime();
        var rate = new RunRate(time);
        for (var run = 0; run < 30; run++)
        {
            rate.Ran();
        }

        Assert.Equal(0.5, rate.PerSecond());
        time.Advance(TimeSpan.FromSeconds(59));
        rate.Ran();
        Assert.Equal(31 / 60.0, rate.PerSecond());
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1 / 60.0, rate.PerSecond());
        time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(0, rate.PerSecond());
    }

    private static Task<string> PageAsync(OperatorUnderTest running, Func<string, bool> holds) =>
        Eventually.SeeAsync("the metrics", _ => running.MetricsAsync(), holds, cancellationToken: Cancelled);
}
