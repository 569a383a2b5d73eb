using System.Diagnostics;
using System.Text;
using Capstan.ApiServer.Bench;
using Capstan.Caching;

namespace Capstan.Runtime.Bench;

/// <summary>What an informer of many custom resources takes: to sync, in memory, when everything is listed again, to read.</summary>
internal static class CacheRuns
{
    private static readonly ResourceType Widgets = new("example.com", "v1", "Widget", "widgets", true);

    public static async Task RunAsync(int objects, int rounds)
    {
        Report.Head($"Informer of {objects:#,0} custom resources of {PreparedServer.EventLength:#,0} bytes", "", "");
        for (var i = 0; i < rounds; i++)
        {
            await SyncAsync(objects, i == rounds - 1);
        }

        await FingerprintsAsync(objects);
    }

    private static async Task SyncAsync(int objects, bool isLast)
    {
        // The stack that ended the round before still holds it.
        await Task.Yield();
        var before = Live();
        using var server = new PreparedServer(objects);
        using var client = new KubeClient(new KubeConfig { Server = server.Url });
        using var end = new CancellationTokenSource();
        var informer = new Informer(client, Widgets);
        informer.AddIndex("serial", static o => [SerialOf(o)]);
        informer.Faulted += static e => Console.WriteLine(e.Message);
        var gcs = GC.CollectionCount(2);
        var start = Stopwatch.GetTimestamp();
        var running = informer.RunAsync(end.Token);
        await informer.WaitForSyncAsync();
        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Report.Row("sync, MB/s on the wire", (double)objects * PreparedServer.EventLength / took / 1e6);
        Report.Row("sync, seconds", took);
        Report.Row("full collections meanwhile", GC.CollectionCount(2) - gcs);
        if (isLast)
        {
            var live = Live() - before;
            var json = informer.Cache.List().Sum(o => (double)o.Json.Length);
            Report.Row("stripped JSON per object, bytes", json / objects);
            Report.Row("live heap per object, bytes", (double)live / objects);
            Report.Row("live heap as a multiple of the JSON", live / json);
            Reads(informer, objects);
            server.ChangedOneIn = 0;
            await RelistAsync("relist, nothing changed", server, informer, before, live);
            server.ChangedOneIn = 10;
            await RelistAsync("relist, one in ten changed", server, informer, before, live);
        }

        await end.CancelAsync();
        await Task.WhenAny(running);
    }

    private static async Task FingerprintsAsync(int objects)
    {
        await Task.Yield();
        var before = Live();
        using var server = new PreparedServer(objects);
        using var client = new KubeClient(new KubeConfig { Server = server.Url });
        using var end = new CancellationTokenSource();
        var informer = new Informer(client, Widgets, new() { Fingerprint = static o => Fingerprint.Of(o, "spec", "metadata.labels") });
        informer.Faulted += static e => Console.WriteLine(e.Message);
        var start = Stopwatch.GetTimestamp();
        var running = informer.RunAsync(end.Token);
        var peak = 0L;
        for (var synced = informer.WaitForSyncAsync(); !synced.IsCompleted;)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(false) - before);
            await Task.WhenAny(synced, Task.Delay(5));
        }

        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Report.Row("fingerprints: sync, MB/s on the wire", (double)objects * PreparedServer.EventLength / took / 1e6);
        Report.Row("fingerprints: heap at most while syncing, MB", peak / 1e6);
        Report.Row("fingerprints: live heap per object, bytes", (double)(Live() - before) / objects);
        Trace.Assert(informer.Fingerprints.Count == objects);
        await end.CancelAsync();
        await Task.WhenAny(running);
    }

    private static async Task RelistAsync(string what, PreparedServer server, Informer informer, long before, long live)
    {
        var old = informer.ResourceVersion;
        var peak = 0L;
        var start = Stopwatch.GetTimestamp();
        server.Expire();
        while (informer.ResourceVersion == old)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(false) - before);
            await Task.Delay(5);
        }

        Report.Row($"{what}, seconds", Stopwatch.GetElapsedTime(start).TotalSeconds);
        Report.Row($"{what}, heap at most as a multiple of that before", (double)peak / live);
    }

    private static void Reads(Informer informer, int objects)
    {
        var random = new Random(1);
        var wanted = Enumerable.Range(0, 200_000).Select(_ => random.Next(objects)).ToArray();
        var serials = wanted.Select(i => $"s-{i:D6}").ToArray();
        var keys = wanted.Select(i => new ObjectKey("shop", $"widget-{i:D6}")).ToArray();
        var cache = informer.Cache;
        for (var round = 0; round < 3; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var found = 0;
            foreach (var serial in serials)
            {
                found += cache.ByIndex("serial", serial).Count;
            }

            var index = Stopwatch.GetElapsedTime(start).TotalNanoseconds / serials.Length;
            start = Stopwatch.GetTimestamp();
            foreach (var key in keys)
            {
                found += cache.Get(key) is null ? 0 : 1;
            }

            var get = Stopwatch.GetElapsedTime(start).TotalNanoseconds / keys.Length;
            if (round == 2)
            {
                Report.Row("index hit, ns", index);
                Report.Row("get by key, ns", get);
                Trace.Assert(found == 2 * serials.Length);
            }
        }
    }

    private static string SerialOf(DynamicObject value)
    {
        var json = value.Json.Span;
        var at = json.IndexOf("\"serial\":\""u8) + 10;
        return Encoding.ASCII.GetString(json.Slice(at, 8));
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
