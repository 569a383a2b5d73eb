using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Capstan.ApiServer.Bench;

/// <summary>Many objects: what they take in memory, and how long lists of them take.</summary>
internal static class ManyObjects
{
    public static async Task RunAsync(int objects, bool memory, bool lists)
    {
        await using var server = await BenchServer.StartAsync();
        await server.FillAsync(200);
        for (var i = 0; i < 200; i++)
        {
            await server.SendAsync(HttpMethod.Delete, $"{BenchServer.Path}/object-{i:D6}", "{}");
        }

        var before = Live();
        await server.FillAsync(objects);
        var after = Live();
        if (memory)
        {
            var (bytes, _) = await ListAsync(server, "");
            Report.Head($"Memory of {objects:#,0} objects", "", "per object");
            Report.Row("JSON, bytes", (double)bytes / objects);
            Report.Row("live heap after a collection, bytes", (double)(after - before) / objects);
            Report.Row("ratio", (double)(after - before) / bytes);
        }

        if (!lists)
        {
            return;
        }

        Report.Head($"Lists at {objects:#,0} objects", "", "ms", "objects/s", "MB/s on the wire", "heap at most, MB");
        await MeasureAsync("whole", server, "");
        await MeasureAsync("by 500", server, "?limit=500", pages: true);
        await MeasureAsync("label selector, one in ten", server, "?labelSelector=tier=front");
        await MeasureAsync("PartialObjectMetadataList", server, "", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        await MeasureAsync("whole, gzip", server, "", gzip: true);

        async Task MeasureAsync(string what, BenchServer target, string query, string? accept = null, bool pages = false, bool gzip = false)
        {
            var best = double.MaxValue;
            long bytes = 0, items = 0, peak = 0;
            for (var round = 0; round < 3; round++)
            {
                var floor = Live();
                using var stop = new CancellationTokenSource();
                var watch = Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        peak = Math.Max(peak, GC.GetTotalMemory(false) - floor);
                        await Task.Delay(5);
                    }
                });
                var start = Stopwatch.GetTimestamp();
                (bytes, items) = pages ? await PagesAsync(target, query) : await ListAsync(target, query, accept, gzip);
                items = gzip ? objects : items;
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
                await stop.CancelAsync();
                await watch;
            }

            Report.Row(what, best * 1000, items / best, bytes / best / 1e6, peak / 1e6);
        }
    }

    private static async Task<(long Bytes, long Items)> ListAsync(BenchServer server, string query, string? accept = null, bool gzip = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, BenchServer.Path + query);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (gzip)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        }

        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[128 << 10];
        long bytes = 0, items = 0;
        while (await body.ReadAsync(buffer) is > 0 and var read)
        {
            bytes += read;
            items += buffer.AsSpan(0, read).Count("\"uid\":"u8);
        }

        return (bytes, items);
    }

    private static async Task<(long Bytes, long Items)> PagesAsync(BenchServer server, string query)
    {
        long bytes = 0, items = 0;
        for (var next = ""; ;)
        {
            var page = await server.Http.GetStringAsync(BenchServer.Path + query + next);
            bytes += page.Length;
            items += Regex.Count(page, "\"uid\":");
            if (Regex.Match(page[..Math.Min(page.Length, 1000)], "\"continue\":\"([^\"]+)\"") is not { Success: true } more)
            {
                return (bytes, items);
            }

            next = "&continue=" + Uri.EscapeDataString(more.Groups[1].Value);
        }
    }

    private static long Live()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
