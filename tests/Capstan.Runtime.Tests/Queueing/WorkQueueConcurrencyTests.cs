using Capstan.Queueing;
using Xunit;

namespace Capstan.Runtime.Tests.Queueing;

public sealed class WorkQueueConcurrencyTests
{
    private const int Keys = 50;
    private const int Adders = 4;
    private const int Workers = 8;
    private const int AddsEach = 20_000;

    [Fact]
    public async Task Every_change_is_followed_by_a_run_and_no_key_runs_twice_at_a_time()
    {
        using var queue = new WorkQueue<int>();
        var version = new int[Keys];
        var seen = new int[Keys];
        var inside = new int[Keys];
        var collisions = 0;

        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Adders).Select(adder => Task.Run(() =>
        {
            var random = new Random(adder);
            for (var i = 0; i < AddsEach; i++)
            {
                var key = random.Next(Keys);
                Interlocked.Increment(ref version[key]);
                if (i % 3 == 0)
                {
                    queue.AddAfter(key, TimeSpan.FromMilliseconds(random.Next(3)), (Priority)random.Next(4));
                }
                else
                {
                    queue.Add(key, (Priority)random.Next(4));
                }
            }
        })));

        Assert.True(SpinWait.SpinUntil(() => queue is { Depth: 0, Delayed: 0, Running: 0 }, TimeSpan.FromSeconds(30)), "the queue does not come to rest");
        queue.ShutDown();
        await Task.WhenAll(workers);
        Assert.Equal(0, collisions);
        Assert.Equal(version, seen);

        async Task WorkAsync()
        {
            while (await queue.GetAsync() is { HasKey: true } item)
            {
                if (Interlocked.Increment(ref inside[item.Key]) != 1)
                {
                    Interlocked.Increment(ref collisions);
                }

                Volatile.Write(ref seen[item.Key], Volatile.Read(ref version[item.Key]));
                await Task.Yield();
                Interlocked.Decrement(ref inside[item.Key]);
                queue.Done(item.Key);
            }
        }
    }
}
