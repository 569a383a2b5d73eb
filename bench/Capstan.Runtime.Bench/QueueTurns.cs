using System.Diagnostics;
using System.Diagnostics.Metrics;
using Capstan.ApiServer.Bench;
using Capstan.Diagnostics;
using Capstan.Queueing;

namespace Capstan.Runtime.Bench;

/// <summary>What the queue itself takes for a key, on one thread: the least of many rounds, so that interruptions by others do not count.</summary>
internal static class QueueTurns
{
    private const int Keys = 1000;
    private const int Rounds = 400;

    public static void Run()
    {
        var keys = Enumerable.Range(0, Keys).Select(i => new ObjectKey($"namespace-{i % 20}", $"object-{i}")).ToArray();
        Report.Head($"Queue, {Keys} keys, one thread", "", "ns per key", "B per key");
        using var meter = new Meter("bench");
        using var page = new PrometheusPage(other => other == meter);
        foreach (var (name, fair, metrics) in new[] { ("first in, first out", false, false), ("fair between namespaces", true, false), ("first in, first out, with metrics on a page", false, true) })
        {
            using var queue = new WorkQueue<ObjectKey>(new() { Meter = metrics ? meter : null }, fair ? static key => key.Namespace : null);
            Measure($"add + get + done, {name}", () =>
            {
                foreach (var key in keys)
                {
                    queue.Add(key);
                }

                for (var i = 0; i < Keys; i++)
                {
                    queue.Done(queue.GetAsync().Result.Key);
                }
            });
            Measure($"one key at a time: add + get + done, {name}", () =>
            {
                foreach (var key in keys)
                {
                    queue.Add(key);
                    queue.Done(queue.GetAsync().Result.Key);
                }
            });
            foreach (var key in keys)
            {
                queue.Add(key);
            }

            Measure($"add of a key that is there, {name}", () =>
            {
                foreach (var key in keys)
                {
                    queue.Add(key);
                }
            });
        }
    }

    private static void Measure(string name, Action round)
    {
        round();
        var (leastTime, leastBytes) = (long.MaxValue, long.MaxValue);
        for (var i = 0; i < Rounds; i++)
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            round();
            leastTime = Math.Min(leastTime, Stopwatch.GetTimestamp() - start);
            leastBytes = Math.Min(leastBytes, GC.GetAllocatedBytesForCurrentThread() - bytes);
        }

        Report.Row(name, leastTime * 1e9 / Stopwatch.Frequency / Keys, (double)leastBytes / Keys);
    }
}
