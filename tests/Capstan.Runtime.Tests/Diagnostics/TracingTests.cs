using System.Collections.Concurrent;
using System.Diagnostics;
using Capstan.Controllers;
using Capstan.Diagnostics;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Diagnostics;

/// <summary>Listeners are of the whole process, and others assert that nothing costs while nobody listens: these tests run alone.</summary>
[Collection(nameof(Alone))]
public sealed class TracingTests
{
    private static readonly ObjectKey Key = new("default", "one");

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_stands_below_its_run_below_the_queue_below_the_event()
    {
        using var heard = new Heard();
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);
        await cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = Key.Name, Namespace = Key.Namespace } }, cancellationToken: Patience);
        await RunAsync(cluster, async (client, key, token) =>
        {
            await client.PatchAsync<ConfigMap>(key, PatchType.Merge, """{"data":{"a":"b"}}"""u8.ToArray(), null, token);
            return ReconcileResult.Done;
        }, () => heard.Ended.Any(span => span.DisplayName.StartsWith("PATCH configmaps default/one", StringComparison.Ordinal)) && heard.Ended.Any(IsRun));

        var write = heard.Ended.First(span => span.DisplayName.StartsWith("PATCH configmaps", StringComparison.Ordinal));
        var run = heard.ById(write.ParentSpanId);
        var queue = heard.ById(run.ParentSpanId);
        var seen = heard.ById(queue.ParentSpanId);
        Assert.Equal(("capstan.request", "capstan.reconcile", "capstan.queue", "capstan.event"), (write.OperationName, run.OperationName, queue.OperationName, seen.OperationName));
        Assert.Equal("PATCH 200", $"{write.GetTagItem("http.request.method")} {write.GetTagItem("http.response.status_code")}");
        Assert.Equal("maps default/one", $"{run.GetTagItem("k8s.controller")} {run.GetTagItem("k8s.object")}");
        Assert.Equal("configmaps added", $"{seen.GetTagItem("k8s.resource")} {seen.GetTagItem("k8s.event")}");
        Assert.Equal(default, seen.ParentSpanId);
        Assert.True(queue.StartTimeUtc >= seen.StartTimeUtc);
    }

    [Fact]
    public async Task A_run_that_fails_says_so()
    {
        using var heard = new Heard();
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);
        await cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = Key.Name, Namespace = Key.Namespace } }, cancellationToken: Patience);
        await RunAsync(cluster, (_, _, _) => throw new TerminalException("no way"), () => heard.Ended.Any(IsRun));
        var run = heard.Ended.First(IsRun);
        Assert.Equal((ActivityStatusCode.Error, "no way"), (run.Status, run.StatusDescription));
    }

    [Fact]
    public void Events_of_one_run_are_its_parent_and_its_links()
    {
        using var heard = new Heard();
        var traces = new EventTraces("maps");
        var contexts = new List<ActivityContext>();
        for (var i = 0; i < 3; i++)
        {
            using var seen = Tracing.Event("maps", "configmaps", "updated", Key)!;
            contexts.Add(seen.Context);
            traces.Note(Key, seen);
        }

        traces.Begin(Key, ReconcileId.Next(), Capstan.Queueing.Priority.UserChange)!.Dispose();
        var run = heard.Ended.Last(IsRun);
        Assert.Equal(contexts[0].TraceId, run.TraceId);
        Assert.Equal(contexts.Skip(1).Select(context => context.SpanId), run.Links.Select(link => link.Context.SpanId));
        Assert.Equal(0, traces.Count);
    }

    [Fact]
    public void What_waits_for_runs_is_bounded()
    {
        using var heard = new Heard();
        var traces = new EventTraces("maps");
        using var seen = Tracing.Event("maps", "configmaps", "updated", Key)!;
        for (var i = 0; i < 20_000; i++)
        {
            traces.Note(new("default", $"m{i}"), seen);
            traces.Note(Key, seen);
        }

        Assert.Equal(10_000, traces.Count);
        traces.Begin(Key, ReconcileId.Next(), Capstan.Queueing.Priority.UserChange)!.Dispose();
        Assert.Equal(16, heard.Ended.Last(IsRun).Links.Count());
    }

    [Fact]
    public void Without_a_listener_there_is_no_span_and_nothing_is_allocated()
    {
        var traces = new EventTraces("maps");
        var id = ReconcileId.Next();
        Ask();
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Ask();
            }
        }));

        void Ask()
        {
            Assert.Null(Tracing.Event("maps", "configmaps", "added", Key));
            Assert.Null(traces.Begin(Key, id, Capstan.Queueing.Priority.UserChange));
            Assert.Null(Tracing.Request("GET", "host", "GET configmaps"));
            Assert.Null(Tracing.Admission("/validate", null));
        }
    }

    [Fact]
    public void An_admission_goes_on_from_the_trace_of_the_api_server()
    {
        using var heard = new Heard();
        using var span = Tracing.Admission("/validate", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")!;
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString()));
        using var alone = Tracing.Admission("/validate", "nonsense");
        Assert.NotNull(alone);
    }

    [Fact]
    public async Task Spans_reach_a_collector_in_the_protocols_json()
    {
        await using var collector = new Scripted.ScriptedApiServer();
        string traceId, spanId;
        await using (var exporter = new OtlpExporter(collector.Url, "shop", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance))
        {
            using (var span = Tracing.Request("GET", "host", "GET shops a/b")!)
            {
                (traceId, spanId) = (span.TraceId.ToHexString(), span.SpanId.ToHexString());
                span.SetTag("http.response.status_code", 404);
                span.Fail(new InvalidOperationException("no"));
            }

            var request = await collector.NextAsync();
            await request.AnswerAsync("{}");
            Assert.Equal(("POST", "/v1/traces", "application/json"), (request.Method, request.Path, request.Headers["Content-Type"]));
            var resource = System.Text.Json.Nodes.JsonNode.Parse(request.Body)!["resourceSpans"]![0]!;
            Assert.Equal("""[{"key":"service.name","value":{"stringValue":"shop"}}]""", resource["resource"]!["attributes"]!.ToJsonString());
            var sent = resource["scopeSpans"]![0]!["spans"]!.AsArray().Single(span => span!["spanId"]!.GetValue<string>() == spanId)!;
            Assert.Equal((traceId, "GET shops a/b", 3), (sent["traceId"]!.GetValue<string>(), sent["name"]!.GetValue<string>(), sent["kind"]!.GetValue<int>()));
            Assert.Contains("""{"key":"http.response.status_code","value":{"intValue":"404"}}""", sent["attributes"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal("""{"code":2,"message":"no"}""", sent["status"]!.ToJsonString());
            Assert.True(long.Parse(sent["endTimeUnixNano"]!.GetValue<string>(), null) >= long.Parse(sent["startTimeUnixNano"]!.GetValue<string>(), null));
        }

        Assert.False(Tracing.IsOn);
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_nothing_up()
    {
        await using (new OtlpExporter(new("http://127.0.0.1:1"), "shop", TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance))
        {
            for (var i = 0; i < 20_000; i++)
            {
                Tracing.Request("GET", "host", "GET shops")!.Dispose();
            }
        }
    }

    private static bool IsRun(Activity span) => span.OperationName == "capstan.reconcile";

    private static async Task RunAsync(TestCluster cluster, Func<KubeClient, ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, Func<bool> until)
    {
        var client = cluster.NewClient("traced");
        var builder = new OperatorBuilder(client, new() { Name = "traced" });
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", c =>
        {
            c.For(maps);
            c.Reconcile = (key, token) => key == Key ? reconcile(client, key, token) : Task.FromResult(ReconcileResult.Done);
        });
        using var stop = new CancellationTokenSource();
        var ended = builder.Build().RunAsync(stop.Token);
        await Eventually.SeeAsync("the spans", _ => Task.FromResult(until()), seen => seen, cancellationToken: Patience);
        await stop.CancelAsync();
        await ended;
    }

    /// <summary>A listener that wants everything, and what it has heard.</summary>
    private sealed class Heard : IDisposable
    {
        private readonly ActivityListener _listener;

        public Heard()
        {
            _listener = new()
            {
                ShouldListenTo = source => source.Name == Tracing.SourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span => Ended.Enqueue(span),
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<Activity> Ended { get; } = new();

        public Activity ById(ActivitySpanId id) => Ended.Single(span => span.SpanId == id);

        public void Dispose() => _listener.Dispose();
    }
}
