using System.Diagnostics;
using System.Globalization;
using Capstan.ApiServer.Bench;
using KubeTemplater.Bench.Templates;

namespace KubeTemplater.Bench.Scale;

/// <summary>More and more replicas that share the templates: how many a second they complete together, each one's share, and how long what was a killed one's waits.</summary>
internal static class ShareRun
{
    // Made behind a kill: enough that each replica has some.
    private const int Probes = 100;

    public static async Task RunAsync(ShareOptions options)
    {
        var server = options.WriteDelay > TimeSpan.Zero ? $"a server that is not the limit: each write of theirs takes {options.WriteDelay.TotalMilliseconds:0} ms more" : "as fast as the server can";
        Report.Head(
            $"{options.Templates:#,0} templates, {options.Workers} workers in each replica, {server}",
            "replicas", "templates a second", "shares of the keys, %", "operators' CPU ms each", "server's CPU ms each", "resident MB of a replica", "all waiting after kill -9, s");
        foreach (var replicas in options.Replicas)
        {
            Report.Row(await OneAsync(options, replicas));
        }

        Report.Machine();
    }

    private static async Task<object[]> OneAsync(ShareOptions options, int replicas)
    {
        await using var server = await ServerProcess.StartAsync(null, options.WriteDelay);
        using var ground = new ScaleGround(server.Kubeconfig);
        await ground.PrepareAsync();
        var environment = ScaleGround.Environment.Append(new("SHARDING", "true"));
        var running = Enumerable.Range(0, replicas).Select(_ => LoadedOperator.Start(server.Kubeconfig, options.Program, options.Workers, environment)).ToList();
        try
        {
            foreach (var replica in running)
            {
                await UntilAsync(async () => await replica.SampleAsync() is not null && await replica.ValueAsync("capstan_shard_members") >= replicas);
            }

            // Code is compiled by the first of them.
            await MakeAsync(ground, running, 0, 20 * replicas);
            var (serverCpu, cpu) = (server.Cpu, await CpuAsync(running));
            var started = Stopwatch.GetTimestamp();
            await MakeAsync(ground, running, 20 * replicas, options.Templates);
            var took = Stopwatch.GetElapsedTime(started);
            (serverCpu, cpu) = (server.Cpu - serverCpu, await CpuAsync(running) - cpu);
            var shares = new List<double>();
            var resident = new List<double>();
            foreach (var replica in running)
            {
                shares.Add(100 * await replica.ValueAsync("capstan_shard_owned_keys") / (options.Templates + (20 * replicas)));
                resident.Add((await replica.SampleAsync())!.ResidentMb);
            }

            var handOver = "";
            if (replicas > 1)
            {
                var victim = running[^1];
                running.RemoveAt(replicas - 1);
                victim.Kill();
                var killed = Stopwatch.GetTimestamp();
                await MakeAsync(ground, running, options.Templates + (20 * replicas), Probes);
                handOver = Stopwatch.GetElapsedTime(killed).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
                await victim.DisposeAsync();
            }

            return
            [
                replicas, options.Templates / took.TotalSeconds, string.Create(CultureInfo.InvariantCulture, $"{shares.Min():0} to {shares.Max():0}"), cpu.TotalMilliseconds / options.Templates,
                serverCpu.TotalMilliseconds / options.Templates, string.Create(CultureInfo.InvariantCulture, $"{resident.Min():0} to {resident.Max():0}"), handOver,
            ];
        }
        finally
        {
            foreach (var replica in running)
            {
                await replica.DisposeAsync();
            }
        }
    }

    /// <summary>Makes templates and waits until all there are, from the first on, are completed.</summary>
    private static async Task MakeAsync(ScaleGround ground, List<LoadedOperator> running, int first, int count)
    {
        await ground.MakeAsync(first, count);
        await UntilAsync(async () => (await running[0].SampleAsync())?.Completed >= first + count);
    }

    private static async Task<TimeSpan> CpuAsync(List<LoadedOperator> running)
    {
        var cpu = TimeSpan.Zero;
        foreach (var replica in running)
        {
            cpu += (await replica.SampleAsync())!.Cpu;
        }

        return cpu;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(100);
        }
    }
}

/// <summary>What is measured.</summary>
internal sealed record ShareOptions
{
    /// <summary>Numbers of replicas, one run for each.</summary>
    public required IReadOnlyList<int> Replicas { get; init; }

    /// <summary>Templates of each run.</summary>
    public required int Templates { get; init; }

    /// <summary>NUM_WORKERS of each replica.</summary>
    public required int Workers { get; init; }

    /// <summary>How much longer than it could the server takes for each patch, as one that is far away; zero: no longer.</summary>
    public TimeSpan WriteDelay { get; init; }

    /// <summary>The operator's program; null: the one beside the bench.</summary>
    public string? Program { get; init; }
}
