using System.Collections.Concurrent;

namespace Capstan.Cel.Tests;

public sealed class CelProgramCacheTests
{
    private static readonly CelEnvironment Environment = CelEnvironment.Kubernetes.WithVariable("x", CelType.Int);

    [Fact]
    public void The_same_text_in_the_same_environment_is_the_same_program()
    {
        var cache = new CelProgramCache();
        var program = cache.Get(Environment, "x + 1");
        Assert.Same(program, cache.Get(Environment, "x + 1"));
        Assert.NotSame(program, cache.Get(Environment, "x + 2"));
        Assert.NotSame(program, cache.Get(Environment.WithVariable("y", CelType.Int), "x + 1"));
        Assert.Equal((1, 3, 3), (cache.Hits, cache.Misses, cache.Count));
        Assert.Equal(42, program.Evaluate([CelValue.Of(41)]).Value.Int);
    }

    [Fact]
    public void What_does_not_compile_is_looked_at_once_and_told_each_time()
    {
        var cache = new CelProgramCache();
        var first = Assert.Throws<CelCompileException>(() => cache.Get(Environment, "x + 'a'"));
        var second = Assert.Throws<CelCompileException>(() => cache.Get(Environment, "x + 'a'"));
        Assert.NotSame(first, second);
        Assert.Same(first.Diagnostics, second.Diagnostics);
        Assert.False(cache.TryGet(Environment, "x + 'a'", out var program, out var diagnostics));
        Assert.Null(program);
        Assert.Same(first.Diagnostics, diagnostics);
        Assert.Equal((2, 1), (cache.Hits, cache.Misses));
    }

    [Fact]
    public void What_was_asked_for_lately_stays_when_others_make_room()
    {
        var cache = new CelProgramCache(capacity: 3);
        Fill(cache, "1", "2", "3", "1", "4");
        Assert.Equal(3, cache.Count);
        Assert.Equal(["1", "3", "4"], Kept(cache, "1", "3", "4"));
        Assert.Empty(Kept(cache, "2"));
    }

    [Fact]
    public void However_much_is_asked_for_no_more_is_kept_than_there_is_room()
    {
        var cache = new CelProgramCache(capacity: 10);
        for (var i = 0; i < 1000; i++)
        {
            cache.Get(Environment, $"x + {i}");
            cache.Get(Environment, "x");
            cache.TryGet(Environment, $"y{i}", out _, out _);
            Assert.InRange(cache.Count, 1, 10);
        }

        Assert.Equal(["x"], Kept(cache, "x"));
    }

    [Fact]
    public void Long_texts_take_the_room_of_several_and_one_that_needs_all_of_it_and_more_is_not_kept()
    {
        var cache = new CelProgramCache(capacity: 4);
        var three = Long(3 * 1024);
        Fill(cache, "1", three, "2");
        Assert.Equal(2, cache.Count);
        Assert.Equal([three, "2"], Kept(cache, three, "2"));
        var five = Long((4 * 1024) + 1);
        Fill(cache, five, five);
        Assert.Equal([three, "2"], Kept(cache, three, "2"));
        Assert.Equal((4, 5), (cache.Hits, cache.Misses));

        static string Long(int length) => "1".PadRight(length);
    }

    [Fact]
    public async Task Many_threads_that_ask_at_once_get_one_program_compiled_once()
    {
        const int Threads = 16;
        const int Texts = 50;
        var cache = new CelProgramCache();
        var found = new ConcurrentBag<(int Text, CelProgram Program)>();
        using var start = new Barrier(Threads);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Texts; i++)
                {
                    start.SignalAndWait(TestContext.Current.CancellationToken);
                    found.Add((i, cache.Get(Environment, $"x + {i} > 2 && [1, 2, 3].exists(y, y == x)")));
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Equal(Threads * Texts, found.Count);
        Assert.All(found.GroupBy(f => f.Text), g => Assert.Single(g.Select(f => f.Program).Distinct()));
        Assert.Equal((Texts, (Threads - 1) * Texts), (cache.Misses, cache.Hits));
    }

    [Fact]
    public async Task Threads_that_push_each_others_expressions_out_still_get_their_own()
    {
        const int Threads = 8;
        var cache = new CelProgramCache(capacity: 5);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    var n = (i * (thread + 1)) % 20;
                    Assert.Equal(n, cache.Get(Environment, $"{n} + x").Evaluate([CelValue.Of(0)]).Value.Int);
                    Assert.InRange(cache.Count, 1, 5);
                }
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Equal(Threads * 2000, cache.Hits + cache.Misses);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cache.Hits} hits, {cache.Misses} misses");
    }

    [Fact]
    public void A_hit_allocates_nothing()
    {
        var cache = new CelProgramCache();
        for (var i = 0; i < 100; i++)
        {
            cache.Get(Environment, "x + 1");
        }

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                cache.Get(Environment, "x + 1");
            }
        }));
    }

    [Fact]
    public void A_capacity_below_one_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new CelProgramCache(0));

    private static void Fill(CelProgramCache cache, params string[] texts) => Array.ForEach(texts, text => cache.Get(Environment, text));

    /// <summary>Those of the texts that the cache has. It keeps what it did not have, which may push others out.</summary>
    private static IEnumerable<string> Kept(CelProgramCache cache, params string[] texts)
    {
        foreach (var text in texts)
        {
            var hits = cache.Hits;
            cache.Get(Environment, text);
            if (cache.Hits > hits)
            {
                yield return text;
            }
        }
    }
}
