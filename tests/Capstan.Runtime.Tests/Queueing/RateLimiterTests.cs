using Capstan.Queueing;
using Xunit;

namespace Capstan.Runtime.Tests.Queueing;

public sealed class RateLimiterTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 10)]
    [InlineData(17, 655_360)]
    [InlineData(18, 1_000_000)]
    [InlineData(61, 1_000_000)]
    [InlineData(62, 1_000_000)]
    [InlineData(int.MaxValue, 1_000_000)]
    public void Trap25_exponential_doubles_and_stays_at_its_maximum(int failures, double milliseconds) =>
        Assert.Equal(milliseconds, new ExponentialBackoff().DelayFor(failures).TotalMilliseconds);

    [Fact]
    public void Exponential_with_the_longest_maximum_does_not_overflow()
    {
        var limiter = new ExponentialBackoff(TimeSpan.FromTicks(3), TimeSpan.MaxValue);
        var last = TimeSpan.Zero;
        for (var failures = 0; failures < 100; failures++)
        {
            var delay = limiter.DelayFor(failures);
            Assert.True(delay >= last, $"after {failures} failures: {delay} < {last}");
            last = delay;
        }

        Assert.Equal(TimeSpan.MaxValue, last);
    }

    [Fact]
    public void Exponential_refuses_what_makes_no_sense()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialBackoff(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialBackoff(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Fast_then_slow()
    {
        var limiter = new FastSlow(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1), 2);
        Assert.Equal([1, 1, 1000, 1000], Enumerable.Range(0, 4).Select(failures => limiter.DelayFor(failures).TotalMilliseconds));
    }

    [Fact]
    public void The_longest_of_several()
    {
        var limiter = new MaxOf(new ExponentialBackoff(), new FastSlow(TimeSpan.FromMilliseconds(8), TimeSpan.FromMilliseconds(9), 1));
        Assert.Equal([8, 10, 20], Enumerable.Range(0, 3).Select(failures => limiter.DelayFor(failures).TotalMilliseconds));
    }

    [Fact]
    public void Jitter_only_lengthens_and_never_overflows()
    {
        var limiter = new Jitter(new FastSlow(TimeSpan.FromSeconds(10), TimeSpan.MaxValue, 1000), new Random(1), 0.5);
        var delays = Enumerable.Range(0, 1000).Select(failures => limiter.DelayFor(failures).TotalSeconds).ToList();
        Assert.All(delays, delay => Assert.InRange(delay, 10, 15));
        Assert.True(delays.Max() - delays.Min() > 4.5, "there is hardly any chance in it");
        Assert.Equal(TimeSpan.MaxValue, limiter.DelayFor(1000));
    }

    [Fact]
    public void A_bucket_spaces_the_retries_of_all_keys()
    {
        var limiter = new BucketRateLimiter(new(10, 3, new ManualTime()));
        Assert.Equal([0, 0, 0, 100, 200], Enumerable.Range(0, 5).Select(_ => Math.Round(limiter.DelayFor(7).TotalMilliseconds)));
    }
}
