using System.Text.Json.Nodes;
using Capstan.Tool.Load.Reporting;
using Capstan.Tool.Load.Work;

namespace EndToEnd.Tests.Load;

/// <summary>What <c>capstan load</c> makes, and what it says of it.</summary>
public sealed class WorkTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Templates_are_spread_evenly_and_the_same_number_is_always_the_same_template()
    {
        var plan = new TemplatePlan("run", resources: 3, namespaces: 4);
        Assert.Equal(["run-0", "run-1", "run-2", "run-3"], plan.Namespaces);
        Assert.All(Enumerable.Range(0, 100).CountBy(i => plan.KeyOf(i).Namespace), spread => Assert.Equal(25, spread.Value));
        Assert.Equal(100, Enumerable.Range(0, 100).Select(i => plan.KeyOf(i)).Distinct().Count());
        Assert.Equal(plan.Template(7).Json.ToArray(), new TemplatePlan("run", 3, 4).Template(7).Json.ToArray());

        var (first, second) = (plan.Template(7).ToJson(), plan.Template(7, version: 1, owned: true).ToJson());
        Assert.Equal("run", (string?)first["metadata"]!["labels"]![TemplatePlan.RunLabel]);
        var (entries, changed) = (first["spec"]!["templates"]!.AsArray(), second["spec"]!["templates"]!.AsArray());
        Assert.Equal(["load-7-0", "load-7-1", "load-7-2"], entries.Select(entry => (string?)entry!["object"]!["metadata"]!["name"]));
        Assert.All(entries.Zip(changed), pair => Assert.NotEqual((string?)pair.First!["object"]!["data"]!["version"], (string?)pair.Second!["object"]!["data"]!["version"]));
        Assert.All(changed, entry => Assert.True((bool)entry!["referenced"]!));
    }

    [Fact]
    public void The_stock_gives_what_is_in_it_and_each_of_it_in_time()
    {
        var stock = new Stock(3);
        Assert.Null(stock.Pick(1));
        foreach (var number in (long[])[0, 1, 2, stock.Next()])
        {
            stock.Add(number);
        }

        stock.Remove(1);
        stock.Remove(1);
        Assert.Equal((3, 1, 2), (stock.Count, stock.Changed(3), stock.Changed(3)));
        var picked = Enumerable.Range(0, 100).Select(turn => stock.Pick(turn)!.Value).Distinct().ToHashSet();
        Assert.Equal([(0L, 0L), (2L, 0L), (3L, 2L)], picked.Order());
    }

    [Fact]
    public async Task Each_number_is_done_once_whatever_the_clients()
    {
        var done = new System.Collections.Concurrent.ConcurrentBag<long>();
        var pacer = new Pacer(rate: 0, clients: 7, TimeProvider.System);
        await pacer.TimesAsync(500, number => { done.Add(number); return Task.CompletedTask; }, Stop);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), done.Order());
        Assert.Equal(0, pacer.Late.Count);
    }

    [Fact]
    public async Task What_is_due_is_done_even_if_late_and_nothing_after_the_time()
    {
        var done = 0;
        var pacer = new Pacer(rate: 1000, clients: 2, TimeProvider.System);
        await pacer.ForAsync(TimeSpan.FromMilliseconds(100), _ => { Interlocked.Increment(ref done); return Task.CompletedTask; }, Stop);
        Assert.Equal((100, 100), (done, pacer.Late.Count));
    }

    [Fact]
    public void The_report_says_the_same_to_people_and_to_programs()
    {
        var report = new LoadReport
        {
            Load = "templates", Run = "run", Started = DateTimeOffset.UnixEpoch, Server = "https://127.0.0.1:6443", ServerVersion = "v1.36.0",
            Shape = new(1000, 2, 4, 0, 16, 0, 0, false), Unit = "template", Done = 1000, Seconds = 2.5, PerSecond = 400,
            Latencies = [new("created to Completed", new(1000, 20.25, 18, 30, 45.5, 1234.5, 1300))],
            Figures = [new("idle, the operator's calls", 0)],
            OperatorCalls = [new("PATCH", 3000, 3)], ServerCalls = [new("APPLY configmaps", 2000, 2)],
            Replicas = [new("pod-a", 1.5, 60_000_000, 94_000_000, 0, new Dictionary<string, long> { ["PATCH"] = 3000 })],
            Each = new(3, 1.5, 60_000), Errors = [new("refused", 2)], NotMeasured = [],
        };
        var text = new StringWriter();
        LoadReportText.Write(report, text);
        Assert.Equal(
            """
            capstan load templates of https://127.0.0.1:6443 (v1.36.0), 1970-01-01 00:00:00 UTC
            1,000 templates in 2.50 s: 400 a second
            idle, the operator's calls: 0

            MILLISECONDS          COUNT  MEAN  P50  P90   P99  P99.9    MAX
            created to Completed  1,000  20.3   18   30  45.5  1,235  1,300

            OPERATOR'S CALLS  COUNT  PER TEMPLATE
            PATCH             3,000             3

            API SERVER'S CALLS (ALL CLIENTS)  COUNT  PER TEMPLATE
            APPLY configmaps                  2,000             2

            REPLICA  CPU S  ALLOCATED MB  RESIDENT MB  CALLS  RESTARTS
            pod-a      1.5            60           94  3,000         0

            per template: 3 calls, 1.5 ms of processor, 60 kB allocated

            ERRORS   COUNT
            refused      2

            """.ReplaceLineEndings("\n"),
            text.ToString().ReplaceLineEndings("\n"));

        var json = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(report, LoadReportJson.Default.LoadReport))!;
        Assert.Equal((1000, 400, 45.5, 3), ((int)json["done"]!, (int)json["perSecond"]!, (double)json["latencies"]![0]!["milliseconds"]!["p99"]!, (int)json["operatorCalls"]![0]!["each"]!));
        Assert.Equal((94_000_000, "refused"), ((int)json["replicas"]![0]!["residentBytes"]!, (string)json["errors"]![0]!["message"]!));
    }
}
