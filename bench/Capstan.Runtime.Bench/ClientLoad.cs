using System.Diagnostics;
using System.Net;
using System.Text;
using Capstan.ApiServer.Bench;
using Capstan.Testing;
using Capstan.Watching;

namespace Capstan.Runtime.Bench;

/// <summary>What requests and watches take over HTTP/1.1 and HTTP/2: against the server that CAPSTAN_TEST_KUBECONFIG names, else one in this process.</summary>
internal static class ClientLoad
{
    private const int Objects = 100;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(3);
    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", false);
    private static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly string Data = new('x', 4000);

    public static async Task RunAsync()
    {
        var path = Environment.GetEnvironmentVariable("CAPSTAN_TEST_KUBECONFIG");
        await using var cluster = string.IsNullOrEmpty(path) ? await TestCluster.StartAsync(new() { Controllers = false }) : null;
        var config = KubeConfig.Load(cluster?.KubeconfigPath ?? path);
        using var setup = new KubeClient(config);
        var space = (await setup.CreateAsync(Namespaces, Parse("""{"metadata":{"generateName":"capstan-bench-"}}"""))).Key.Name;
        try
        {
            for (var i = 0; i < Objects; i++)
            {
                await setup.CreateAsync(ConfigMaps, Map(space, $"o{i}", "kept"));
            }

            Report.Head(
                $"Requests of objects of 4 kB to {(cluster is null ? "a real kube-apiserver" : "a server in this process")}",
                "HTTP", "verb", "parallel", "per second", "p50 µs", "p99 µs", "CPU µs", "bytes allocated");
            foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20, HttpVersion.Version11, HttpVersion.Version20 })
            {
                using var client = new KubeClient(config, new() { HttpVersion = version, ListHttpVersion = version, UserAgent = "bench" });
                foreach (var parallel in new[] { 1, 8, 64 })
                {
                    await MeasureAsync(version, "get", parallel, (_, i) => client.GetAsync(ConfigMaps, new(space, $"o{i % Objects}")));
                    await MeasureAsync(version, "create", parallel, (worker, i) => client.CreateAsync(ConfigMaps, Map(space, $"n{version.Major}-{parallel}-{worker}-{i}", "made")));
                    await setup.DeleteCollectionAsync(ConfigMaps, new() { Namespace = space, LabelSelector = "is=made" });
                    await MeasureAsync(version, "list of 100", parallel, (_, _) => client.ListAsync(ConfigMaps, new() { Namespace = space, LabelSelector = "is=kept" }));
                }
            }

            Report.Head("From before a write to its event, 20 writes a second", "HTTP", "watches", "p50 µs", "p99 µs", "events");
            foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
            {
                foreach (var watches in new[] { 1, 8, 64, 150 })
                {
                    await WatchAsync(config, space, version, watches);
                }
            }
        }
        finally
        {
            await setup.DeleteAsync(Namespaces, ObjectKey.ClusterScoped(space));
        }
    }

    private static async Task MeasureAsync(Version version, string verb, int parallel, Func<int, int, Task> request)
    {
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(worker => request(worker, 1_000_000)));
        var latencies = Enumerable.Range(0, parallel).Select(_ => new List<double>(20_000)).ToList();
        var (allocated, cpu, started) = (GC.GetTotalAllocatedBytes(), Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; Stopwatch.GetElapsedTime(started) < Span; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                await request(worker, i);
                latencies[worker].Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var all = latencies.SelectMany(list => list).ToList();
        Report.Row(
            $"{version}", verb, parallel, all.Count / elapsed, Report.Percentile(all, 0.5), Report.Percentile(all, 0.99),
            (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / all.Count, (GC.GetTotalAllocatedBytes() - allocated) / all.Count);
    }

    private static async Task WatchAsync(KubeConfig config, string space, Version version, int watches)
    {
        using var client = new KubeClient(config, new() { WatchHttpVersion = version, UserAgent = "bench" });
        using var stop = new CancellationTokenSource();
        using var ready = new CountdownEvent(watches);
        var sent = new long[100];
        var latencies = Enumerable.Range(0, watches).Select(_ => new List<double>()).ToList();
        var following = Enumerable.Range(0, watches).Select(one => Task.Run(() => FollowAsync(one))).ToList();
        await Task.Run(ready.Wait);
        for (var i = 0; i < sent.Length; i++)
        {
            sent[i] = Stopwatch.GetTimestamp();
            await client.PatchAsync(ConfigMaps, new(space, "o0"), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"i":"{{{version.Major}}}-{{{watches}}}-{{{i}}}"}}"""));
            await Task.Delay(50);
        }

        await Task.Delay(500);
        await stop.CancelAsync();
        await Task.WhenAll(following.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        var all = latencies.SelectMany(list => list).ToList();
        Report.Row($"{version}", watches, Report.Percentile(all, 0.5), Report.Percentile(all, 0.99), all.Count);

        async Task FollowAsync(int one)
        {
            var seen = 0;
            await foreach (var told in new Watcher(client, ConfigMaps, new() { Namespace = space }).RunAsync(stop.Token))
            {
                if (told.Kind == WatchEventKind.Restarted)
                {
                    ready.Signal();
                }
                else if (told.Object is not null)
                {
                    latencies[one].Add(Stopwatch.GetElapsedTime(sent[seen++]).TotalMicroseconds);
                }
            }
        }
    }

    private static DynamicObject Map(string space, string name, string label) =>
        Parse($$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{space}}}","labels":{"is":"{{{label}}}"}},"data":{"x":"{{{Data}}}"}}""");

    private static DynamicObject Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
}
