using Capstan.Hosting;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

public sealed class ExpiringCacheTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void An_answer_holds_for_its_time_and_not_a_moment_longer()
    {
        var cache = new ExpiringCache<string, int>(10, time);
        cache.Set("a", 1, TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.True(cache.TryGet("a", out var value));
        Assert.Equal(1, value);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.False(cache.TryGet("a", out _));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void However_many_come_it_stays_within_its_bound_and_the_newest_are_there()
    {
        var cache = new ExpiringCache<int, int>(100, time);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Set(i, i, TimeSpan.FromSeconds(i));
            Assert.InRange(cache.Count, 1, 100);
        }

        Assert.True(cache.TryGet(9_999, out _));
        Assert.True(cache.TryGet(9_950, out _));
        Assert.False(cache.TryGet(9_000, out _));
    }

    [Fact]
    public void A_new_answer_to_a_known_question_pushes_nothing_out()
    {
        var cache = new ExpiringCache<string, int>(1, time);
        cache.Set("a", 1, TimeSpan.FromSeconds(1));
        cache.Set("a", 2, TimeSpan.FromSeconds(1));
        Assert.True(cache.TryGet("a", out var value));
        Assert.Equal(2, value);
    }
}
