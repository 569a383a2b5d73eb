using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Capstan.ApiServer.Bench;
using Capstan.Testing;

namespace Capstan.Runtime.Bench;

/// <summary>From an event to the start of its reconcile, at 1,000 events a second from an API server in this process.</summary>
internal static class ReconcileStart
{
    private const int PerSecond = 1000;
    private const int Objects = 500;
    private const int Writers = 8;
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);

    public static async Task RunAsync()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false });
        await Parallel.ForAsync(0, Objects, async (i, token) => await cluster.Client.CreateAsync(ConfigMaps, Map(i), cancellationToken: token));

        // Sent and seen are told apart by the version that a write made.
        var arrived = new ConcurrentDictionary<string, long>();
        var sent = new ConcurrentDictionary<string, long>();
        var (fromEvent, fromWrite) = (new ConcurrentBag<double>(), new ConcurrentBag<double>());
        var builder = new OperatorBuilder(cluster.NewClient("bench"));
        var informer = builder.AddInformer(ConfigMaps, new() { Namespace = "default" });

        // An index is asked while the event goes into the cache, before any handler is told.
        informer.AddIndex("arrived", value =>
        {
            arrived[value.Key.Name] = Stopwatch.GetTimestamp();
            return [];
        });
        builder.AddController("bench", controller =>
        {
            controller.For(informer);
            controller.MaxConcurrentReconciles = 2;
            controller.Reconcile = (key, _) =>
            {
                var now = Stopwatch.GetTimestamp();
                if (sent.TryRemove(key.Name, out var write))
                {
                    fromWrite.Add((now - write) * 1e6 / Stopwatch.Frequency);
                    fromEvent.Add((now - arrived[key.Name]) * 1e6 / Stopwatch.Frequency);
                }

                return Task.FromResult(ReconcileResult.Done);
            };
        });
        var @operator = builder.Build();
        using var stop = new CancellationTokenSource();
        var running = @operator.RunAsync(stop.Token);
        await @operator.Synced;
        await WriteAsync(cluster, TimeSpan.FromSeconds(3), sent);
        fromWrite.Clear();
        fromEvent.Clear();
        await WriteAsync(cluster, TimeSpan.FromSeconds(10), sent);
        await Task.Delay(500);
        await stop.CancelAsync();
        await running;

        Report.Head($"To the start of a reconcile, at {PerSecond} events a second; µs", "", "p50", "p99", "events");
        foreach (var (name, bag) in new[] { ("from the event in the cache", fromEvent), ("from before the write was sent", fromWrite) })
        {
            var values = bag.ToList();
            Report.Row(name, Report.Percentile(values, 0.5), Report.Percentile(values, 0.99), values.Count);
        }
    }

    private static async Task WriteAsync(TestCluster cluster, TimeSpan duration, ConcurrentDictionary<string, long> sent)
    {
        var start = Stopwatch.GetTimestamp();
        var total = (int)(PerSecond * duration.TotalSeconds);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            var client = cluster.NewClient("bench-writer");
            for (int i; (i = Interlocked.Increment(ref next)) < total;)
            {
                var early = TimeSpan.FromSeconds((double)i / PerSecond) - Stopwatch.GetElapsedTime(start);
                if (early > TimeSpan.Zero)
                {
                    await Task.Delay(early);
                }

                var name = $"object-{i % Objects}";
                sent[name] = Stopwatch.GetTimestamp();
                await client.PatchAsync(ConfigMaps, new("default", name), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"write":"{{{i}}}"}}"""));
            }
        })));
    }

    private static DynamicObject Map(int i) =>
        DynamicObject.From(System.Text.Json.Nodes.JsonNode.Parse($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"object-{{{i}}}","namespace":"default"}}""")!.AsObject());
}
