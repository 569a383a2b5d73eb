using System.Diagnostics;
using System.Globalization;

namespace Capstan.ApiServer.Bench;

/// <summary>From the start of a process to an API server that answers /readyz, in a process of its own each time.</summary>
internal static class StartUp
{
    public static async Task RunAsync()
    {
        const int Rounds = 7;
        var rounds = new List<string[]>();
        for (var i = 0; i < Rounds; i++)
        {
            using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["--start-once"]) { RedirectStandardOutput = true })!;
            rounds.Add((await child.StandardOutput.ReadLineAsync())!.Split(' '));
            await child.WaitForExitAsync();
        }

        Report.Head("Start to ready", "", "best", "median");
        string[] rows = ["process start to Main, ms", "Main to started, ms", "Main to /readyz answered, ms", "processor time until then, ms", "methods compiled until then", "compiling, ms"];
        for (var i = 0; i < rows.Length; i++)
        {
            var values = rounds.Select(r => double.Parse(r[i], CultureInfo.InvariantCulture)).Order().ToList();
            Report.Row(rows[i], values[0], values[Rounds / 2]);
        }
    }

    public static async Task OnceAsync()
    {
        var process = Process.GetCurrentProcess();
        var main = (TimeProvider.System.GetLocalNow() - process.StartTime).TotalMilliseconds;
        var start = Stopwatch.GetTimestamp();
        await using var server = await BenchServer.StartAsync();
        var started = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        using var ready = await server.Http.GetAsync("/readyz");
        ready.EnsureSuccessStatusCode();
        var answered = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        process.Refresh();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{main:0} {started:0} {answered:0} {process.TotalProcessorTime.TotalMilliseconds:0} {System.Runtime.JitInfo.GetCompiledMethodCount()} {System.Runtime.JitInfo.GetCompilationTime().TotalMilliseconds:0}"));
    }
}
