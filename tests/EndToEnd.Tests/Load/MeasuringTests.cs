using Capstan;
using Capstan.Dashboard.Metrics;
using Capstan.Tool.Load.Measuring;

namespace EndToEnd.Tests.Load;

/// <summary>What <c>capstan load</c> makes of what it sees.</summary>
public sealed class MeasuringTests
{
    private static readonly ObjectKey One = new("ns", "one");

    [Fact]
    public void Percentiles_are_values_that_were_seen()
    {
        var durations = new Durations();
        Assert.Null(durations.Summary());
        foreach (var i in Enumerable.Range(1, 200).Reverse())
        {
            durations.Add(TimeSpan.FromMilliseconds(i));
        }

        Assert.Equal(new LatencySummary(200, 100.5, 100, 180, 198, 200, 200), durations.Summary());
        Assert.Equal(7, Durations.Percentile([7], 0.001));
        Assert.Equal((1, 2), (Durations.Percentile([1, 2], 0.5), Durations.Percentile([1, 2], 0.51)));
    }

    [Fact]
    public void A_template_is_done_with_the_generation_that_was_asked_for_and_not_with_one_before()
    {
        var clock = new Clock();
        var (expectations, took) = (new Expectations(clock), new Durations());
        Assert.True(expectations.TryExpect(One, 2, took));
        Assert.False(expectations.TryExpect(One, 3, took));
        clock.Pass(10);
        expectations.SeeDone(One, 1);
        expectations.SeeGone(One);
        expectations.SeeFailed(One, "no");
        Assert.Equal((1, 0L, "no"), (expectations.Open, expectations.Met, Assert.Single(expectations.Failures)));
        clock.Pass(5);
        expectations.SeeDone(One, 3);
        expectations.SeeDone(One, 3);
        Assert.Equal((0, 1L, 0), (expectations.Open, expectations.Met, expectations.Failures.Count));
        Assert.Equal(15, took.Summary()!.Max);
    }

    [Fact]
    public void One_that_is_to_go_is_met_by_its_end_and_one_that_was_refused_by_nothing()
    {
        var clock = new Clock();
        var (expectations, took) = (new Expectations(clock), new Durations());
        expectations.TryExpect(One, Expectations.Gone, took);
        expectations.SeeDone(One, 7);
        Assert.Equal(1, expectations.Open);
        expectations.SeeGone(One);
        expectations.TryExpect(One, 1, took);
        expectations.Drop(One);
        expectations.SeeDone(One, 1);
        Assert.Equal((0, 1L, 1), (expectations.Open, expectations.Met, took.Count));
    }

    [Fact]
    public void What_was_stored_before_the_operator_ran_counts_from_its_start()
    {
        var clock = new Clock();
        var (expectations, took) = (new Expectations(clock), new Durations());
        expectations.TryExpect(One, 1, took);
        clock.Pass(5000);
        expectations.BeginNow();
        clock.Pass(20);
        expectations.SeeDone(One, 1);
        Assert.Equal(20, took.Summary()!.Max);
    }

    [Fact]
    public void A_page_of_metrics_is_read_with_labels_of_any_text()
    {
        var page = MetricsPage.Read(
            """
            # HELP calls_total Calls.
            # TYPE calls_total counter
            calls_total{method="GET",host="a\"b\\c}, d\n"} 3
            calls_total{method="PATCH",host="x",} 4.5e1 1700000000000
            calls_total{method="GET",host="x"} 2
            calls_total_more{method="GET"} 100
            calls_total{broken 1
            plain 7
            other 8
            """,
            "calls_total",
            "plain",
            "absent");
        Assert.Equal((50, 7, 0), (page.Sum("calls_total"), page.Sum("plain"), page.Sum("other")));
        Assert.Equal(new Dictionary<string, double> { ["GET"] = 5, ["PATCH"] = 45 }, page.SumBy("calls_total", "method"));
        Assert.Equal(3, page.SumBy("calls_total", "host")["a\"b\\c}, d\n"]);
        Assert.False(page.Has("absent"));
    }

    [Fact]
    public void Replicas_are_counted_from_the_begin_also_when_they_come_go_or_start_anew()
    {
        var book = new ReplicaBook();
        book.Take("stays", Page(started: 1, cpu: 10, calls: 100, allocated: 1000, resident: 50));
        book.Begin();
        book.Take("stays", Page(started: 1, cpu: 12, calls: 130, allocated: 1500, resident: 80));
        book.Take("comes", Page(started: 5, cpu: 1, calls: 7, allocated: 300, resident: 20));
        book.Take("stays", Page(started: 9, cpu: 3, calls: 5, allocated: 70, resident: 40));
        book.Take("foreign", "process_cpu_seconds_total 4\nprocess_start_time_seconds 8\n");

        var usage = book.Usage().ToDictionary(one => one.Name);
        Assert.Equal(["comes", "foreign", "stays"], usage.Keys);
        var stays = usage["stays"];
        Assert.Equal((5, 570, 80, 1, 35), (stays.CpuSeconds, stays.AllocatedBytes, stays.ResidentBytes, stays.Restarts, stays.Calls["PATCH"]));
        Assert.Equal((1, 300, 7), (usage["comes"].CpuSeconds, usage["comes"].AllocatedBytes, usage["comes"].Calls["PATCH"]));
        Assert.Equal((4, null, 0), (usage["foreign"].CpuSeconds, usage["foreign"].AllocatedBytes, usage["foreign"].Calls.Count));
    }

    [Fact]
    public void Faults_of_many_messages_are_counted_and_do_not_grow_without_end()
    {
        var faults = new Faults();
        foreach (var i in Enumerable.Range(0, 1000))
        {
            faults.Add($"object {i}\nis wrong");
            faults.Add("the same");
        }

        var all = faults.All();
        Assert.Equal((2000, new FaultCount("the same", 1000)), (faults.Count, all[0]));
        Assert.InRange(all.Count, 2, 30);
        Assert.Contains(all, fault => fault.Message == "object 0 is wrong");
    }

    private static string Page(int started, double cpu, int calls, int allocated, int resident) =>
        $"""
        process_start_time_seconds {started}
        process_cpu_seconds_total {cpu}
        process_resident_memory_bytes {resident}
        dotnet_gc_heap_total_allocated_bytes_total {allocated}
        """ + $"\nrest_client_requests_total{{code=\"200\",method=\"PATCH\"}} {calls}\n";
}
