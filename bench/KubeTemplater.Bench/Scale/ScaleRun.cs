using System.Diagnostics;
using Capstan.ApiServer.Bench;
using KubeTemplater.Bench.Templates;

namespace KubeTemplater.Bench.Scale;

/// <summary>More and more templates: what it takes to apply them all, what a start beside them takes, and what an operator takes that has nothing to do.</summary>
internal static class ScaleRun
{
    public static async Task RunAsync(ScaleOptions options)
    {
        var rows = new List<ScaleRow>();
        var parent = Directory.CreateDirectory(options.DataDirectory ?? Path.Combine(Path.GetTempPath(), $"capstan-scale-{Environment.ProcessId}"));
        foreach (var templates in options.Templates.Order())
        {
            rows.Add(await OneAsync(options, parent.FullName, templates));
        }

        if (options.DataDirectory is null)
        {
            parent.Delete(recursive: true);
        }

        if (rows.Exists(row => row.First is not null))
        {
            Report.Head("All are there when the operator starts, and none is applied", "templates", "s", "a second", "CPU ms each", "kB allocated each", "calls each", "resident MB", "most MB");
            foreach (var row in rows.Where(row => row.First is not null))
            {
                var (sample, took) = row.First!.Value;
                Report.Row(
                    row.Templates, took.TotalSeconds, row.Templates / took.TotalSeconds, sample.Cpu.TotalMilliseconds / row.Templates, sample.Allocated / 1000 / row.Templates,
                    CallsOf(sample) / (double)row.Templates, sample.ResidentMb, sample.PeakMb);
            }
        }

        Report.Head("All are applied when the operator starts", "templates", "start to in sync, s", "CPU s", "calls", "resident MB", "most MB", "heap MB");
        foreach (var row in rows)
        {
            Report.Row(row.Templates, row.InSync.TotalSeconds, row.Synced.Cpu.TotalSeconds, CallsOf(row.Synced), row.After.ResidentMb, row.After.PeakMb, row.After.HeapMb);
        }

        Report.Head($"Then nothing happens for {options.Idle.TotalSeconds:0} s", "templates", "% of a core", "kB allocated each second", "calls, by method", "resident MB");
        foreach (var row in rows)
        {
            var calls = row.After.Calls.Select(call => (call.Key, Count: call.Value - row.Before.Calls.GetValueOrDefault(call.Key))).Where(call => call.Count > 0);
            Report.Row(
                row.Templates, (row.After.Cpu - row.Before.Cpu) / options.Idle * 100, (row.After.Allocated - row.Before.Allocated) / 1000 / options.Idle.TotalSeconds,
                string.Join(", ", calls.Select(call => $"{call.Count} {call.Key}").DefaultIfEmpty("0")), row.After.ResidentMb);
        }

        Report.Machine();
    }

    private static async Task<ScaleRow> OneAsync(ScaleOptions options, string parent, int templates)
    {
        // The server on the disk has them from an earlier run, or as copies of fewer.
        var directory = Path.Combine(parent, $"{templates}");
        if (templates > options.Applied && options.Kubeconfig is null && !File.Exists(Marker(directory)))
        {
            var fewer = Path.Combine(parent, $"{options.Templates.Min()}");
            await ScaleStock.MultiplyAsync(fewer, directory, templates);
            await File.WriteAllTextAsync(Marker(directory), "");
        }

        var isThere = options.Kubeconfig is null ? File.Exists(Marker(directory)) : options.AreThere;

        // Broken off: what the rest of it took says nothing.
        var isRest = options.Kubeconfig is null && Directory.Exists(directory);
        await using var server = options.Kubeconfig is null ? await ServerProcess.StartAsync(directory) : null;
        using var ground = new ScaleGround(options.Kubeconfig ?? server!.Kubeconfig);
        (OperatorSample, TimeSpan)? first = null;
        if (!isThere)
        {
            await ground.PrepareAsync();
            await ground.MakeAsync(0, templates);
            Console.WriteLine($"{templates} templates are made");
            await using var working = Start(options, ground);
            var begun = Stopwatch.GetTimestamp();
            var done = await SettledAsync(working, templates);
            first = isRest ? null : (done, Stopwatch.GetElapsedTime(begun));

            // Policies' status is written some seconds after the last template's.
            await Task.Delay(TimeSpan.FromSeconds(15));
            await File.WriteAllTextAsync(Marker(directory), "");
        }

        await using var running = Start(options, ground);
        var started = Stopwatch.GetTimestamp();
        var synced = await SettledAsync(running, templates);
        var took = Stopwatch.GetElapsedTime(started);
        Console.WriteLine($"{templates} templates: in sync {took.TotalSeconds:0.0} s after the start");

        // What stays of the start, the policies' counts for one, is written behind it.
        await Task.Delay(TimeSpan.FromSeconds(20));
        var before = (await running.SampleAsync())!;
        await Task.Delay(options.Idle);
        return new(templates, first, took, synced, before, (await running.SampleAsync())!);
    }

    private static string Marker(string directory) => $"{directory}.applied";

    private static LoadedOperator Start(ScaleOptions options, ScaleGround ground) =>
        LoadedOperator.Start(ground.Kubeconfig, options.Program, options.Workers, ScaleGround.Environment.Concat(options.Environment));

    private static long CallsOf(OperatorSample sample) => sample.Calls.Sum(call => call.Value);

    private static async Task<OperatorSample> SettledAsync(LoadedOperator running, int templates)
    {
        while (true)
        {
            if (await running.SampleAsync() is { Busy: 0 } sample && sample.Completed >= templates)
            {
                return sample;
            }

            await Task.Delay(500);
        }
    }

    private sealed record ScaleRow(int Templates, (OperatorSample Sample, TimeSpan Took)? First, TimeSpan InSync, OperatorSample Synced, OperatorSample Before, OperatorSample After);
}

/// <summary>What is measured.</summary>
internal sealed record ScaleOptions
{
    /// <summary>Numbers of templates, one run for each.</summary>
    public required IReadOnlyList<int> Templates { get; init; }

    /// <summary>NUM_WORKERS.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>How long nothing happens at the end.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Up to so many are applied by the operator itself; more are copies of the fewest.</summary>
    public int Applied { get; init; } = 10_000;

    /// <summary>Where the servers keep their state, so that another run finds the templates applied; null: each run makes them.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>A real server, with the definitions installed; what is made there stays. Null: one of our own.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Whether that server has the templates from an earlier run.</summary>
    public bool AreThere { get; init; }

    /// <summary>The operator's program; null: the one beside the bench.</summary>
    public string? Program { get; init; }

    /// <summary>Variables of the operator's process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
