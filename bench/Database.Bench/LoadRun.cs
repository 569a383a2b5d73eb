using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Capstan.ApiServer.Bench;
using Capstan.Caching;
using Capstan.Cluster;
using Capstan.Testing;
using Databases.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace Databases.Bench;

/// <summary>Many Databases made at once, whose pods a node simulates: how long until each is ready, what it costs in calls, and what a restart of the operator costs.</summary>
internal static class LoadRun
{
    public static void Head(string title) => Report.Head(
        title, "Databases", "mode", "at once", "all ready, s", "p50 of one, s", "p99 of one, s", "runs of each", "calls of each", "run p50, ms", "restart until idle, s", "writes after it");

    public static async Task RunAsync(int count, DatabaseOperatorOptions options)
    {
        options = options with { Connect = false, MetricsBindAddress = "127.0.0.1:0", HealthProbeBindAddress = "0" };
        await using var cluster = await TestCluster.StartAsync(new() { Node = new() { RunProcesses = false } });
        foreach (var definition in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(definition);
        }

        await cluster.InstallAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {Manifests.Namespace}}}}}");
        var client = cluster.NewClient("database-operator");
        var running = await RunningOperator.StartAsync(DatabaseOperator.Build(client, options, NullLoggerFactory.Instance));
        try
        {
            // A fault that does nothing notes each request of the operator's: in one process the client's own counter has everybody's.
            cluster.Faults.Add(Fault.Delay(TimeSpan.Zero).From("database-operator"));
            var before = await OperatorPage.ReadAsync(running);
            var (took, all) = await MakeAsync(cluster, count);
            await IdleAsync(running);
            var after = await OperatorPage.ReadAsync(running);
            var calls = cluster.Faults.Injected.Count(IsOfObjects);
            await running.DisposeAsync();

            var sent = cluster.Faults.Injected.Count;
            var restarted = Stopwatch.GetTimestamp();
            running = await RunningOperator.StartAsync(DatabaseOperator.Build(client, options, NullLoggerFactory.Instance));
            await IdleAsync(running);
            var restart = Stopwatch.GetElapsedTime(restarted);
            Report.Row(
                count, options.Mode, options.MaxConcurrentReconciles, all.TotalSeconds, Report.Percentile(took, 0.5), Report.Percentile(took, 0.99),
                (after.Runs - before.Runs) / (double)count, calls / (double)count, after.MedianRunSeconds * 1000, restart.TotalSeconds, cluster.Faults.Injected.Skip(sent).Count(call => call.Verb is not ("get" or "list" or "watch")));
        }
        finally
        {
            await running.DisposeAsync();
        }
    }

    private static bool IsOfObjects(InjectedFault call) => call.Verb != "watch" && !call.Resource.StartsWith("events", StringComparison.Ordinal);

    /// <summary>Makes them, as eight people at once would.</summary>
    /// <returns>Seconds that each took, and the time of all.</returns>
    private static async Task<(List<double> Took, TimeSpan All)> MakeAsync(TestCluster cluster, int count)
    {
        var begun = new ConcurrentDictionary<string, long>();
        var took = new ConcurrentDictionary<string, double>();
        var isDone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var informer = new Informer(cluster.NewClient("onlooker"), Database.Resource);
        informer.AddHandler(change =>
        {
            if (change.New is { } database && (string?)database.ToJson()["status"]?["phase"] == Phases.Ready
                && took.TryAdd(database.Key.Name, Stopwatch.GetElapsedTime(begun[database.Key.Name]).TotalSeconds) && took.Count == count)
            {
                isDone.TrySetResult();
            }
        });
        var watching = informer.RunAsync(stop.Token);
        await informer.WaitForSyncAsync(stop.Token);
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"test-db-{i}");
            begun[name] = Stopwatch.GetTimestamp();
            await cluster.Client.CreateAsync(
                new Database
                {
                    Metadata = new() { Name = name, Namespace = "default" },
                    Spec = new() { Image = "postgres:14", Replicas = 1, Storage = new() { Size = "1Gi" }, DatabaseName = $"db{i}", Username = "admin" },
                },
                cancellationToken: token);
        });
        await isDone.Task.WaitAsync(TimeSpan.FromMinutes(10));
        var all = Stopwatch.GetElapsedTime(start);
        await stop.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ([.. took.Values], all);
    }

    private static Task<bool> IdleAsync(RunningOperator running) =>
        Eventually.SeeAsync("an idle operator", _ => Task.FromResult(running.Operator.IsIdle), idle => idle, TimeSpan.FromMinutes(5));
}

/// <summary>What the operator's own metrics say.</summary>
/// <param name="Runs">Reconciliations.</param>
/// <param name="MedianRunSeconds">Upper bound of the bucket in which the median run lies.</param>
internal sealed partial record OperatorPage(long Runs, double MedianRunSeconds)
{
    public static async Task<OperatorPage> ReadAsync(RunningOperator running)
    {
        using var http = new HttpClient();
        var page = await http.GetStringAsync(new Uri($"http://127.0.0.1:{running.Operator.MetricsPort}/metrics"));
        var runs = Lines(page, "database_reconcile_total").Sum(line => line.Value);
        var buckets = Lines(page, "database_reconcile_duration_seconds_bucket")
            .GroupBy(line => Le().Match(line.Labels).Groups[1].Value, line => line.Value)
            .Select(bucket => (Le: bucket.Key == "+Inf" ? double.PositiveInfinity : double.Parse(bucket.Key, CultureInfo.InvariantCulture), Count: bucket.Sum()))
            .OrderBy(bucket => bucket.Le).ToList();
        return new(runs, buckets.FirstOrDefault(bucket => bucket.Count * 2 >= runs).Le);
    }

    private static IEnumerable<(string Labels, long Value)> Lines(string page, string name) => page.Split('\n')
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal))
        .Select(line => (line[..line.LastIndexOf(' ')], long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));

    [GeneratedRegex("le=\"([^\"]+)\"")]
    private static partial Regex Le();
}
