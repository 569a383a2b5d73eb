using System.Diagnostics;
using Capstan.ApiServer.Bench;
using Capstan.Queueing;

namespace Capstan.Runtime.Bench;

/// <summary>A million keys that wait for their time, as after a periodic requeue of everything: what they take of memory, and how long until all are ready.</summary>
internal static class DelayedKeys
{
    private const int Keys = 1_000_000;

    public static async Task RunAsync()
    {
        var keys = new int[Keys];
        for (var i = 0; i < Keys; i++)
        {
            keys[i] = (int)((i * 2_654_435_761L) % Keys);
        }

        using var queue = new WorkQueue<int>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Keys; i++)
        {
            queue.AddAfter(i, TimeSpan.FromSeconds(3600 + keys[i] * 0.001));
        }

        var added = Stopwatch.GetElapsedTime(start);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;

        // All come due within a moment; another thread adds keys meanwhile and sees how long the queue's lock keeps it waiting.
        start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Keys; i++)
        {
            queue.AddAfter(i, TimeSpan.FromSeconds(3));
        }

        var advanced = Stopwatch.GetElapsedTime(start);
        var longest = TimeSpan.Zero;
        while (queue.Delayed > 0)
        {
            await Task.Delay(1);
            var asked = Stopwatch.GetTimestamp();
            queue.Add(-1);
            var took = Stopwatch.GetElapsedTime(asked);
            longest = took > longest ? took : longest;
        }

        start = Stopwatch.GetTimestamp();
        while (queue.Depth > 0)
        {
            queue.Done(queue.GetAsync().Result.Key);
        }

        Report.Head("One million delayed keys", "", "");
        Report.Row("add, ns per key", added.TotalNanoseconds / Keys);
        Report.Row("memory, B per key", (double)held / Keys);
        Report.Row("moved to an earlier time, ns per key", advanced.TotalNanoseconds / Keys);
        Report.Row("longest wait of an add while they become ready, ms", longest.TotalMilliseconds);
        Report.Row("get and done of all, ns per key", Stopwatch.GetElapsedTime(start).TotalNanoseconds / Keys);
    }
}
