using System.Diagnostics;
using Capstan.ApiServer.Bench;
using KubeTemplater.Resources;

namespace KubeTemplater.Bench.Templates;

/// <summary>Templates of two config maps, from their creation to their status; then a restart of the operator, and a while in which nothing happens.</summary>
internal static class TemplatesRun
{
    // Makers at once: enough that the operator never waits for them.
    public const int Makers = 16;

    public static async Task RunAsync(TemplatesOptions options)
    {
        await using var cluster = await BenchCluster.StartAsync(options.Kubeconfig);
        var server = cluster.IsReal ? "a real kube-apiserver" : "a server in the bench's process";
        if (options.Bare > 0)
        {
            // Once before, so that what is measured is compiled code, as it is for the operator.
            await BareClient.RunAsync(cluster, "barewarm", options.Bare, options.Workers);
            var took = await BareClient.RunAsync(cluster, "bare", options.Bare, options.Workers);
            Report.Head($"The same calls by a bare client while the templates are made, {options.Workers} at once, {server}", "of", "templates/s");
            Report.Row($"{options.Bare:#,0}", options.Bare / took.TotalSeconds);
        }

        var already = 2 * options.Bare;
        await using (var running = LoadedOperator.Start(cluster, options.Program, options.Workers, options.Environment))
        {
            await SettledAsync(running, completed => completed >= already);
            await MakeAsync(cluster, running, "warm", options.WarmUp);
            already += options.WarmUp;
            await SettledAsync(running, completed => completed >= already);
            await MeasureAsync(cluster, running, options, already, server);
            already += options.Templates;
        }

        if (options.Restart)
        {
            await RestartAsync(cluster, options, already, server);
        }
    }

    private static async Task MeasureAsync(BenchCluster cluster, LoadedOperator running, TemplatesOptions options, int already, string server)
    {
        await using var onlooker = options.Watched ? await Onlooker.StartAsync(cluster) : null;
        var before = (await running.SampleAsync())!;
        var started = Stopwatch.GetTimestamp();
        await MakeAsync(cluster, running, "t", options.Templates, onlooker, options.PerSecond);
        var made = Stopwatch.GetElapsedTime(started);
        await SettledAsync(running, completed => completed >= already + options.Templates, quick: true);
        var took = Stopwatch.GetElapsedTime(started);
        var after = (await running.SampleAsync())!;
        Report.Head($"{options.Templates:#,0} templates of two config maps, {options.Workers} workers, {server}", "what", "figure");
        Report.Row("made per second", options.Templates / made.TotalSeconds);
        Report.Row("completed per second", options.Templates / took.TotalSeconds);
        Report.Row("operator's CPU ms each", (after.Cpu - before.Cpu).TotalMilliseconds / options.Templates);
        Report.Row("kB allocated each", (after.Allocated - before.Allocated) / 1000 / options.Templates);
        foreach (var (method, calls) in after.Calls.OrderBy(call => call.Key, StringComparer.Ordinal))
        {
            Report.Row($"{method} each", (calls - before.Calls.GetValueOrDefault(method)) / (double)options.Templates);
        }

        Report.Row("resident MB, most MB, heap MB", $"{after.ResidentMb:0}, {after.PeakMb:0}, {after.HeapMb:0}");
        if (onlooker?.Took is { } latencies)
        {
            Report.Row("creation to status seen, p50 ms", Report.Percentile(latencies, 0.5));
            Report.Row("p99 ms", Report.Percentile(latencies, 0.99));
        }

        Report.Machine();
    }

    private static async Task RestartAsync(BenchCluster cluster, TemplatesOptions options, int templates, string server)
    {
        var started = Stopwatch.GetTimestamp();
        await using var running = LoadedOperator.Start(cluster, options.Program, options.Workers, options.Environment);
        await SettledAsync(running, completed => completed >= templates, quick: true);
        var took = Stopwatch.GetElapsedTime(started);
        var synced = (await running.SampleAsync())!;
        await Task.Delay(options.Idle / 4);
        var before = (await running.SampleAsync())!;
        await Task.Delay(options.Idle);
        var after = (await running.SampleAsync())!;
        Report.Head($"A restart beside {templates:#,0} templates that are applied, {server}", "what", "figure");
        Report.Row("start to in sync, s", took.TotalSeconds);
        Report.Row("CPU s", synced.Cpu.TotalSeconds);
        Report.Row("calls", string.Join(", ", after.Calls.Select(call => $"{call.Value} {call.Key}")));
        Report.Row("resident MB, most MB, heap MB", $"{after.ResidentMb:0}, {after.PeakMb:0}, {after.HeapMb:0}");
        Report.Row($"then CPU of a core in {options.Idle.TotalSeconds} s, %", (after.Cpu - before.Cpu) / options.Idle * 100);
        Report.Row("kB allocated each second", (after.Allocated - before.Allocated) / 1000 / options.Idle.TotalSeconds);
        Report.Row("calls meanwhile", after.Calls.Sum(call => call.Value) - before.Calls.Sum(call => call.Value));
        Report.Machine();
    }

    private static async Task MakeAsync(BenchCluster cluster, LoadedOperator running, string prefix, int count, Onlooker? onlooker = null, int perSecond = 0)
    {
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Makers }, async (i, token) =>
        {
            if (perSecond > 0 && TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(started) is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early, token);
            }

            onlooker?.Made($"{prefix}{i}");
            await cluster.Client.CreateAsync(KubeTemplate.Resource, BenchCluster.Template($"{prefix}{i}"), cancellationToken: token);
        });
    }

    /// <summary>Waits until so many templates are completed and none waits; a while longer unless that is to be quick, so that what comes behind is done.</summary>
    private static async Task SettledAsync(LoadedOperator running, Func<int, bool> enough, bool quick = false)
    {
        while (await running.SampleAsync() is not { Busy: 0 } sample || !enough(sample.Completed))
        {
            await Task.Delay(200);
        }

        await Task.Delay(quick ? 0 : 1000);
    }
}

/// <summary>What is measured.</summary>
internal sealed record TemplatesOptions
{
    /// <summary>Templates that are measured.</summary>
    public required int Templates { get; init; }

    /// <summary>Templates before them, by which code is compiled.</summary>
    public int WarmUp { get; init; } = 1000;

    /// <summary>Templates whose calls are made without an operator; 0: none.</summary>
    public int Bare { get; init; }

    /// <summary>NUM_WORKERS.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>Templates made per second; 0: as many as can be.</summary>
    public int PerSecond { get; init; }

    /// <summary>Whether latencies are seen by a watch.</summary>
    public bool Watched { get; init; } = true;

    /// <summary>Whether the operator is started anew afterwards.</summary>
    public bool Restart { get; init; }

    /// <summary>How long nothing happens then.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A real server; null: one in this process.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The operator's program; null: the one beside the bench.</summary>
    public string? Program { get; init; }

    /// <summary>Variables of the operator's process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
