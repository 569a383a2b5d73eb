using System.Diagnostics.Metrics;
using Capstan.Diagnostics;
using Xunit;

namespace Capstan.Runtime.Tests.Diagnostics;

public sealed class PrometheusPageTests : IDisposable
{
    private readonly MetricsReading metrics = new();

    public void Dispose() => metrics.Dispose();

    [Fact]
    public void The_whole_page_is_in_order_and_escaped()
    {
        var requests = metrics.Meter.CreateCounter<long>("requests_total", null, "Requests \\ by\ncode");
        requests.Add(2, new KeyValuePair<string, object?>("code", "500"));
        requests.Add(1, new("code", "200"), new KeyValuePair<string, object?>("path", "a\"b\\c\nd"));
        requests.Add(3, new KeyValuePair<string, object?>("code", "500"));
        var duration = metrics.Meter.CreateHistogram("duration_seconds", "s", "Time", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        duration.Record(0.1);
        duration.Record(0.5);
        duration.Record(7);
        metrics.Meter.CreateUpDownCounter<int>("in.flight").Add(-2);
        metrics.Meter.CreateObservableGauge("temperature", () => 36.6, null, "Degrees");

        Assert.Equal(
            """
            # HELP duration_seconds Time
            # TYPE duration_seconds histogram
            duration_seconds_bucket{le="0.1"} 1
            duration_seconds_bucket{le="1"} 2
            duration_seconds_bucket{le="+Inf"} 3
            duration_seconds_sum 7.6
            duration_seconds_count 3
            # HELP in_flight 
            # TYPE in_flight gauge
            in_flight -2
            # HELP requests_total Requests \\ by\ncode
            # TYPE requests_total counter
            requests_total{code="200",path="a\"b\\c\nd"} 1
            requests_total{code="500"} 5
            # HELP temperature Degrees
            # TYPE temperature gauge
            temperature 36.6

            """,
            metrics.Render());
    }

    [Fact]
    public void A_histogram_with_tags_is_there_before_anything_is_measured()
    {
        KeyValuePair<string, object?>[] tags = [new("name", "a"), new("controller", "b")];
        var duration = metrics.Meter.CreateHistogram<double>("wait_seconds", "s", "Wait", tags);
        Assert.Equal("0", metrics["""wait_seconds_count{controller="b",name="a"}"""]);
        duration.Record(1, tags);
        Assert.Equal("1", metrics["""wait_seconds_count{name="a",controller="b"}"""]);
        Assert.Null(metrics["""wait_seconds_count{controller="b",name="a"}"""]);
    }

    [Fact]
    public void A_series_that_is_no_longer_observed_leaves_the_page()
    {
        var shards = new List<Measurement<int>> { new(1, new KeyValuePair<string, object?>("shard", "a")), new(2, new KeyValuePair<string, object?>("shard", "b")) };
        metrics.Meter.CreateObservableGauge("keys", () => shards);
        Assert.Equal("2", metrics["""keys{shard="b"}"""]);
        shards.RemoveAt(1);
        Assert.Null(metrics["""keys{shard="b"}"""]);
        Assert.Equal("1", metrics["""keys{shard="a"}"""]);
    }

    [Fact]
    public void Meters_that_are_not_included_are_not_on_the_page()
    {
        using var other = new Meter("test");
        other.CreateCounter<long>("foreign_total").Add(1);
        Assert.DoesNotContain("foreign", metrics.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_measurement_is_lost_between_threads()
    {
        var counter = metrics.Meter.CreateCounter<double>("counted_total");
        var histogram = metrics.Meter.CreateHistogram<double>("spread");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("label", i % 7));
                histogram.Record(1);
            }
        })));
        var sum = metrics.Render().Split('\n').Where(line => line.StartsWith("counted_total{", StringComparison.Ordinal)).Sum(line => int.Parse(line.Split(' ')[1], null));
        Assert.Equal(80_000, sum);
        Assert.Equal(("80000", "80000"), (metrics["spread_count"], metrics["spread_sum"]));
    }

    [Fact]
    public void Recording_to_a_known_series_allocates_nothing()
    {
        var counter = metrics.Meter.CreateCounter<long>("quick_total");
        Record();
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Record();
            }
        }));

        void Record() => counter.Add(1, new("controller", "test"), new KeyValuePair<string, object?>("result", "success"));
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(1e-8, "1e-08")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1234567.5, "1234567.5")]
    public void Numbers_are_as_prometheus_reads_them(double number, string text) => Assert.Equal(text, PrometheusText.Number(number));
}
