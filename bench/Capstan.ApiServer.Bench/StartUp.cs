using System.Diagnostics;
using System.Globalization;
using System.Reflection.PortableExecutable;
using System.Runtime;

namespace Capstan.ApiServer.Bench;

/// <summary>From the start of a process to an API server that answers /readyz, in a process of its own each time. Who asks is this process: what its client costs
/// when it runs for the first time is not the server's.</summary>
internal static class StartUp
{
    private static readonly string[] Rows =
        ["process start to Main, ms", "process start to started, ms", "processor time, ms", "methods compiled", "compiling, ms", "process start to /readyz answered, ms"];

    public static async Task RunAsync()
    {
        const int Rounds = 9;
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        await RoundAsync(http); // its own first time
        var rounds = new List<double[]>();
        for (var i = 0; i < Rounds; i++)
        {
            rounds.Add(await RoundAsync(http));
        }

        Report.Head($"Start to ready, {(IsReadyToRun() ? "published: compiled ahead (ReadyToRun)" : "as built: compiled when it runs (JIT)")}", "", "best", "median");
        for (var i = 0; i < Rows.Length; i++)
        {
            var values = rounds.Select(r => r[i]).Order().ToList();
            Report.Row(Rows[i], values[0], values[Rounds / 2]);
        }
    }

    /// <summary>What <c>--start-once</c> does: starts a server, tells its port and what that took, and ends when its input does.</summary>
    public static async Task OnceAsync()
    {
        var process = Process.GetCurrentProcess();
        double SinceStart() => (TimeProvider.System.GetLocalNow() - process.StartTime).TotalMilliseconds;
        var main = SinceStart();
        await using var server = await EmbeddedApiServer.StartAsync();
        var started = SinceStart();
        Console.WriteLine(server.Port);
        await Console.In.ReadToEndAsync();
        process.Refresh();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{main:0} {started:0} {process.TotalProcessorTime.TotalMilliseconds:0} {JitInfo.GetCompiledMethodCount()} {JitInfo.GetCompilationTime().TotalMilliseconds:0}"));
    }

    private static async Task<double[]> RoundAsync(HttpClient http)
    {
        var start = Stopwatch.GetTimestamp();
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["--start-once"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var port = await child.StandardOutput.ReadLineAsync();
        using (var ready = await http.GetAsync($"https://127.0.0.1:{port}/readyz"))
        {
            ready.EnsureSuccessStatusCode();
        }

        var answered = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        child.StandardInput.Close();
        var told = await child.StandardOutput.ReadLineAsync();
        await child.WaitForExitAsync();
        return [.. told!.Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture)), answered];
    }

    private static bool IsReadyToRun()
    {
        using var image = new PEReader(File.OpenRead(typeof(EmbeddedApiServer).Assembly.Location));
        return image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
