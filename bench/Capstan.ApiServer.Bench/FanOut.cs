using System.Diagnostics;
using System.Net;

namespace Capstan.ApiServer.Bench;

/// <summary>One writer, many watchers.</summary>
internal static class FanOut
{
    public static async Task RunAsync(int watchers, TimeSpan time)
    {
        Report.Head($"Watch fan-out to {watchers:#,0} watchers over HTTP/2", "", "events/s delivered", "writes/s", "writer's median ms", "99 % ms", "heap per watcher, KB", "slowest behind, events");
        await using var server = await BenchServer.StartAsync();
        await server.FillAsync(1);
        using var client = server.Client(HttpVersion.Version20);
        using var stop = new CancellationTokenSource();
        var before = GC.GetTotalMemory(true);
        var seen = new long[watchers * 8];
        var all = new List<Task>();
        for (var i = 0; i < watchers; i++)
        {
            var answer = await client.GetAsync($"{BenchServer.Path}?watch=1&allowWatchBookmarks=true", HttpCompletionOption.ResponseHeadersRead, stop.Token);
            var at = i * 8;
            all.Add(Task.Run(async () =>
            {
                var buffer = new byte[16 << 10];
                try
                {
                    await using var body = await answer.Content.ReadAsStreamAsync();
                    while (await body.ReadAsync(buffer, stop.Token) is > 0 and var read)
                    {
                        Volatile.Write(ref seen[at], seen[at] + buffer.AsSpan(0, read).Count((byte)'\n'));
                    }
                }
                catch (OperationCanceledException)
                {
                    // The end of the run.
                }
            }));
        }

        while (Sum() < watchers)
        {
            await Task.Delay(20);
        }

        var heap = (GC.GetTotalMemory(true) - before) / (double)watchers / 1024;
        await RowAsync("as fast as one writer writes", TimeSpan.Zero);
        await RowAsync("10 writes a second", TimeSpan.FromMilliseconds(100));
        await stop.CancelAsync();
        await Task.WhenAll(all);

        async Task RowAsync(string what, TimeSpan pause)
        {
            var started = Sum();
            var took = new List<double>();
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                var at = Stopwatch.GetTimestamp();
                await server.SendAsync(HttpMethod.Put, $"{BenchServer.Path}/object-000000", BenchServer.Body(0, $"{what}{took.Count}"));
                took.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause);
                }
            }

            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var delivered = Sum() - started;
            var behind = Enumerable.Range(0, watchers).Max(i => (started / watchers) + took.Count - Volatile.Read(ref seen[i * 8]));
            while (Sum() < started + ((long)took.Count * watchers) && Stopwatch.GetElapsedTime(start) < time * 6)
            {
                await Task.Delay(20);
            }

            var whole = (Sum() - started) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            Report.Row(what, Math.Max(whole, delivered / elapsed), took.Count / elapsed, Report.Percentile(took, 0.5), Report.Percentile(took, 0.99), heap, behind);
        }

        long Sum()
        {
            long sum = 0;
            for (var i = 0; i < watchers; i++)
            {
                sum += Volatile.Read(ref seen[i * 8]);
            }

            return sum;
        }
    }
}
