using System.Diagnostics;

namespace Capstan.ApiServer.Bench;

/// <summary>Creates and updates, half of each, from some clients at once.</summary>
internal static class WriteLoad
{
    public static async Task RunAsync(TimeSpan time, string dataParent)
    {
        Report.Head("Writes", "clients, where", "writes/s", "median ms", "99 % ms");
        foreach (var durable in (bool[])[false, true])
        {
            foreach (var clients in (int[])[1, 8, 32])
            {
                var directory = Path.Combine(dataParent, $"capstan-bench-{Guid.NewGuid():N}");
                await using (var server = await BenchServer.StartAsync(durable ? directory : null))
                {
                    await LoadAsync(server, clients, TimeSpan.FromSeconds(1.5));
                    var (writes, milliseconds, elapsed) = await LoadAsync(server, clients, time);
                    Report.Row($"{clients}, {(durable ? "--data-dir" : "memory")}", writes / elapsed, Report.Percentile(milliseconds, 0.5), Report.Percentile(milliseconds, 0.99));
                }

                if (durable)
                {
                    Directory.Delete(directory, recursive: true);
                }
            }
        }
    }

    private static int _next;

    private static async Task<(int Writes, List<double> Milliseconds, double Seconds)> LoadAsync(BenchServer server, int clients, TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            var took = new List<double>();
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                var i = Interlocked.Increment(ref _next);
                var at = Stopwatch.GetTimestamp();
                await server.CreateAsync(i);
                took.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                at = Stopwatch.GetTimestamp();
                await server.SendAsync(HttpMethod.Put, $"{BenchServer.Path}/object-{i:D6}", BenchServer.Body(i, "changed"));
                took.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }

            return took;
        })));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var milliseconds = all.SelectMany(t => t).ToList();
        return (milliseconds.Count, milliseconds, elapsed);
    }
}
