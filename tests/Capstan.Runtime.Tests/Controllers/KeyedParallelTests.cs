using System.Collections.Concurrent;
using Capstan.Controllers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

public sealed class KeyedParallelTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_key_once_and_no_more_at_a_time_than_asked_for()
    {
        var seen = new ConcurrentBag<ObjectKey>();
        var (inside, most) = (0, 0);
        await new KeyedParallel().ForEachAsync(
            Keys(50).Concat(Keys(50)),
            4,
            async (key, _) =>
            {
                lock (seen)
                {
                    most = Math.Max(most, ++inside);
                }

                await Task.Yield();
                seen.Add(key);
                lock (seen)
                {
                    inside--;
                }
            },
            Patience);
        Assert.Equal(Keys(50).Order(), seen.Order());
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public async Task Failures_are_told_together_by_key_and_keep_no_other_from_running()
    {
        var seen = new ConcurrentBag<ObjectKey>();
        var error = await Assert.ThrowsAsync<AggregateException>(() => new KeyedParallel().ForEachAsync(
            Keys(20),
            3,
            (key, _) =>
            {
                seen.Add(key);
                return key.Name is "05" or "11" ? throw new IOException($"no {key.Name}") : Task.CompletedTask;
            },
            Patience));
        Assert.Equal(20, seen.Count);
        Assert.StartsWith("2 of 20 keys failed", error.Message, StringComparison.Ordinal);
        Assert.Equal(["default/05: no 05", "default/11: no 11"], error.InnerExceptions.Select(inner => inner.Message));
        Assert.All(error.InnerExceptions, inner => Assert.IsType<IOException>(Assert.IsType<KeyFailedException>(inner).InnerException));
    }

    [Fact]
    public async Task Two_calls_never_have_one_key_at_the_same_time()
    {
        var parallel = new KeyedParallel();
        var inside = new ConcurrentDictionary<ObjectKey, bool>();
        var (collisions, calls) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => parallel.ForEachAsync(
            Keys(30),
            4,
            async (key, _) =>
            {
                collisions += inside.TryAdd(key, true) ? 0 : 1;
                Interlocked.Increment(ref calls);
                await Task.Yield();
                inside.TryRemove(key, out bool _);
            },
            Patience)));
        Assert.Equal((0, 240), (collisions, calls));
    }

    [Fact]
    public async Task It_shares_its_keys_with_the_workers_of_the_controller()
    {
        using var metrics = new MetricsReading();
        var inside = new ConcurrentDictionary<ObjectKey, bool>();
        var (collisions, runs, calls) = (0, 0, 0);
        var builder = new ControllerBuilder("test")
        {
            MaxConcurrentReconciles = 3,
            Reconcile = async (key, _) =>
            {
                collisions += inside.TryAdd(key, true) ? 0 : 1;
                Interlocked.Increment(ref runs);
                await Task.Yield();
                inside.TryRemove(key, out bool _);
                return ReconcileResult.Done;
            },
        };
        var controller = new Controller(builder, metrics.Meter, TimeProvider.System, NullLoggerFactory.Instance);
        var running = controller.RunAsync(CancellationToken.None);
        for (var round = 0; round < 50; round++)
        {
            Keys(20).ForEach(key => controller.Queue.Add(key));
            await builder.Parallel.ForEachAsync(
                Keys(20),
                4,
                async (key, _) =>
                {
                    collisions += inside.TryAdd(key, true) ? 0 : 1;
                    Interlocked.Increment(ref calls);
                    await Task.Yield();
                    inside.TryRemove(key, out bool _);
                },
                Patience);
        }

        while (controller.Queue is not { Depth: 0, Running: 0 })
        {
            await Task.Yield();
        }

        controller.Queue.ShutDown();
        await running;
        Assert.Equal((0, 1000), (collisions, calls));
        Assert.InRange(runs, 20, 1000);
        await Assert.ThrowsAsync<OperationCanceledException>(() => builder.Parallel.ForEachAsync(Keys(1), 1, (_, _) => Task.CompletedTask, Patience));
    }

    [Fact]
    public async Task Cancelling_begins_no_more_keys_and_leaves_none_behind()
    {
        var parallel = new KeyedParallel();
        using var cancellation = new CancellationTokenSource();
        var seen = new ConcurrentBag<ObjectKey>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => parallel.ForEachAsync(
            Keys(20),
            1,
            async (key, token) =>
            {
                seen.Add(key);
                if (seen.Count == 3)
                {
                    await cancellation.CancelAsync();
                    token.ThrowIfCancellationRequested();
                }
            },
            cancellation.Token));
        Assert.Equal(3, seen.Count);
        await parallel.ForEachAsync(Keys(20), 20, (_, _) => Task.CompletedTask, Patience);
    }

    private static List<ObjectKey> Keys(int count) => [.. Enumerable.Range(0, count).Select(i => new ObjectKey("default", $"{i:00}"))];
}
