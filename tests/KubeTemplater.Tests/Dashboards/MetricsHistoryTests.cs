using Capstan.Dashboard.Metrics;
using Capstan.Runtime.Tests;

namespace KubeTemplater.Tests.Dashboards;

/// <summary>What charts are made of: rates over the time between two looks.</summary>
public sealed class MetricsHistoryTests
{
    private readonly ManualTime _time = new();
    private readonly List<(string Replica, string Page)> _pages = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counters_become_rates_over_all_replicas_and_one_that_began_anew_counts_from_there()
    {
        using var history = NewHistory();
        Show(("a", Page(1, runs: 10, errors: 1, gets: 100)), ("b", Page(1, runs: 0, errors: 0, gets: 0)));
        var first = Assert.Single((await history.AfterAsync(0, Stop)).Points);
        Assert.Equal(8, first.Depth["shop"]);
        Assert.Empty(first.Runs);
        Assert.Null(first.SlowestRun);

        _time.Advance(TimeSpan.FromSeconds(2));
        Show(("a", Page(1, runs: 20, errors: 2, gets: 110)), ("b", Page(1, runs: 4, errors: 0, gets: 2)));
        var second = (await history.AfterAsync(first.Time, Stop)).Points.Single();
        Assert.Equal((7, 0.5, 6), (second.Runs["shop"], second.Errors["shop"], second.Requests["GET"]));

        _time.Advance(TimeSpan.FromSeconds(2));
        Show(("a", Page(1, runs: 22, errors: 2, gets: 110)), ("b", Page(2, runs: 1000, errors: 9, gets: 1000)));
        var third = (await history.AfterAsync(second.Time, Stop)).Points.Single();
        Assert.Equal((1, 0, 0), (third.Runs["shop"], third.Errors["shop"], third.Requests["GET"]));
    }

    [Fact]
    public async Task The_queue_of_a_replica_that_does_not_lead_is_none()
    {
        using var history = NewHistory();
        Show(("a", Page(1, 0, 0, 0) + "\nleader_election_master_status{name=\"l\"} 1"), ("b", Page(1, 0, 0, 0) + "\nleader_election_master_status{name=\"l\"} 0"));

        Assert.Equal(2, Assert.Single((await history.AfterAsync(0, Stop)).Points).Depth["shop"]);
    }

    [Fact]
    public async Task Who_asks_sooner_than_the_interval_sees_what_there_is_and_the_past_is_bounded()
    {
        using var history = NewHistory();
        Show(("a", Page(1, 0, 0, 0)));
        for (var asked = 0; asked < 3; asked++)
        {
            Assert.Single((await history.AfterAsync(0, Stop)).Points);
        }

        for (var looked = 0; looked < MetricsHistory.Most + 20; looked++)
        {
            _time.Advance(MetricsHistory.Interval);
            await history.AfterAsync(0, Stop);
        }

        var kept = (await history.AfterAsync(0, Stop)).Points;
        Assert.Equal(MetricsHistory.Most, kept.Count);
        Assert.Equal(kept.OrderBy(point => point.Time), kept);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(100, 0.195)]
    public void The_slowest_run_is_where_Prometheus_would_see_it(int runs, double? wanted)
    {
        // All between 0.1 and 0.2 s.
        var buckets = new SortedDictionary<double, double> { [0.1] = 0, [0.2] = runs, [double.PositiveInfinity] = runs };

        Assert.Equal(wanted, MetricsHistory.Quantile(buckets, 0.95) is { } seen ? Math.Round(seen, 6) : null);
        Assert.Equal(wanted is null ? null : 0.2, MetricsHistory.Quantile(new() { [0.2] = 0, [double.PositiveInfinity] = runs }, 0.95));
    }

    private static string Page(int started, int runs, int errors, int gets) => $$"""
        process_start_time_seconds {{started}}
        workqueue_depth{name="shop",controller="shop",priority="0"} 2
        workqueue_depth{name="shop",controller="shop",priority="1"} {{(gets >= 100 ? 4 : 0)}}
        controller_runtime_reconcile_total{controller="shop",result="success"} {{runs - errors}}
        controller_runtime_reconcile_total{controller="shop",result="error"} {{errors}}
        controller_runtime_reconcile_errors_total{controller="shop"} {{errors}}
        rest_client_requests_total{code="200",host="h",method="GET"} {{gets}}
        """;

    private MetricsHistory NewHistory() => new(_ => Task.FromResult<IReadOnlyList<(string, string)>>([.. _pages]), _time);

    private void Show(params (string Replica, string Page)[] pages)
    {
        _pages.Clear();
        _pages.AddRange(pages);
    }
}
