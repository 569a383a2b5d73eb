using Capstan.Queueing;
using Xunit;

namespace Capstan.Runtime.Tests.Queueing;

public sealed class CallLimiterTests
{
    private readonly ManualTime time = new();

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public void A_bucket_starts_full_and_gives_ten_a_second_one_at_a_time_by_default()
    {
        var bucket = new TokenBucket(time: time);
        Assert.Equal((true, false), (bucket.Allow(), bucket.Allow()));
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(bucket.Allow());
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((true, false), (bucket.Allow(), bucket.Allow()));
    }

    [Fact]
    public void A_bucket_holds_its_burst_and_no_more()
    {
        var bucket = new TokenBucket(10, 3, time);
        time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => bucket.Allow()));
    }

    [Fact]
    public async Task Calls_wait_in_their_order_and_at_the_rate()
    {
        var bucket = new TokenBucket(10, 1, time);
        var calls = Enumerable.Range(0, 5).Select(_ => bucket.WaitAsync(Patience).AsTask()).ToArray();
        for (var passed = 1; passed <= 5; passed++)
        {
            await calls[passed - 1];
            Assert.Equal(passed, calls.Count(call => call.IsCompleted));
            time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    public async Task No_limiter_is_no_limit()
    {
        TokenBucket? none = null;
        Assert.True(none.Allow());
        await none.WaitAsync(Patience);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => none.WaitAsync(new CancellationToken(true)).AsTask());
    }

    [Fact]
    public async Task A_wait_that_would_pass_its_deadline_fails_at_once_and_takes_nothing()
    {
        var bucket = new TokenBucket(1, 1, time);
        Assert.True(bucket.Allow());
        var tooLong = bucket.WaitAsync(TimeSpan.FromMilliseconds(999), Patience);
        Assert.True(tooLong.IsFaulted);
        var error = await Assert.ThrowsAsync<TimeoutException>(() => tooLong.AsTask());
        Assert.Equal("the rate limit allows this call in 1 s, and there are 0.999 s left", error.Message);
        var inTime = bucket.WaitAsync(TimeSpan.FromSeconds(1), Patience).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        await inTime;
    }

    [Fact]
    public async Task A_wait_that_would_outlast_the_run_fails_at_once()
    {
        var bucket = new TokenBucket(1, 1, time);
        Assert.True(bucket.Allow());
        using var deadline = new RunDeadline(TimeSpan.FromSeconds(1.5), time);
        time.Advance(TimeSpan.FromSeconds(0.6));
        var inTime = bucket.WaitAsync(Patience).AsTask();
        Assert.False(inTime.IsCompleted);
        await Assert.ThrowsAsync<TimeoutException>(() => bucket.WaitAsync(Patience).AsTask());
        time.Advance(TimeSpan.FromSeconds(0.4));
        await inTime;
    }

    [Fact]
    public async Task What_a_run_started_and_outlives_it_has_no_deadline()
    {
        var bucket = new TokenBucket(1, 1, time);
        Assert.True(bucket.Allow());
        Task? background;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (new RunDeadline(TimeSpan.FromSeconds(0.1), time))
        {
            background = WaitLaterAsync();
        }

        ended.SetResult();
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(1), Patience);
        time.Advance(TimeSpan.FromSeconds(1));
        await background;

        async Task WaitLaterAsync()
        {
            await ended.Task;
            await bucket.WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task Cancelling_gives_the_place_to_those_behind()
    {
        var bucket = new TokenBucket(1, 1, time);
        Assert.True(bucket.Allow());
        using var cancellation = new CancellationTokenSource();
        var gone = bucket.WaitAsync(cancellation.Token).AsTask();
        var second = bucket.WaitAsync(Patience).AsTask();
        var third = bucket.WaitAsync(Patience).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        // Its place and the token for it: whoever asks now is right behind the third.
        var fourth = bucket.WaitAsync(Patience).AsTask();
        foreach (var call in (Task[])[second, third, fourth])
        {
            Assert.False(call.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));
            await call;
        }
    }

    [Fact]
    public async Task A_cancelled_wait_costs_nobody_a_token_and_gives_nobody_two()
    {
        var bucket = new TokenBucket(10, 1, time);
        Assert.True(bucket.Allow());
        using var cancellation = new CancellationTokenSource();
        var gone = Enumerable.Range(0, 100).Select(_ => bucket.WaitAsync(cancellation.Token).AsTask()).ToArray();
        await cancellation.CancelAsync();
        foreach (var call in gone)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Assert.False(bucket.Allow());
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal((true, false), (bucket.Allow(), bucket.Allow()));
    }

    [Fact]
    public void What_was_reserved_is_kept_free_when_one_before_it_gives_up()
    {
        var bucket = new TokenBucket(1, 1, time);
        Assert.True(bucket.Allow());
        using var cancellation = new CancellationTokenSource();
        var gone = bucket.WaitAsync(cancellation.Token).AsTask();
        Assert.Equal(TimeSpan.FromSeconds(2), bucket.Reserve());
        cancellation.Cancel();
        Assert.True(gone.IsCanceled || gone.IsFaulted || !gone.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(3), bucket.Reserve());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_that_makes_no_sense_is_refused(double perSecond) => Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBucket(perSecond));

    [Fact]
    public async Task Trap25_a_wait_beyond_what_timers_take_is_kept()
    {
        var bucket = new TokenBucket(1 / TimeSpan.FromDays(100).TotalSeconds, 1, time);
        Assert.True(bucket.Allow());
        var call = bucket.WaitAsync(Patience).AsTask();
        time.Advance(TimeSpan.FromDays(99));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromDays(1.001));
        await call;
        var never = new TokenBucket(double.Epsilon, 1, time);
        Assert.True(never.Allow());
        Assert.True(never.Reserve() > TimeSpan.FromDays(1_000_000));
    }

    [Fact]
    public async Task The_minimum_interval_is_from_call_to_call_and_the_first_passes()
    {
        var limiter = new MinimumInterval(time: time);
        await limiter.WaitAsync(Patience);
        var second = limiter.WaitAsync(Patience).AsTask();
        var third = limiter.WaitAsync(Patience).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(second.IsCompleted || limiter.Allow());
        time.Advance(TimeSpan.FromMilliseconds(1));
        await second;
        Assert.False(third.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(100));
        await third;
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal((true, false), (limiter.Allow(), limiter.Allow()));
    }

    [Fact]
    public async Task The_minimum_interval_counts_those_in_front_and_forgets_those_who_left()
    {
        var limiter = new MinimumInterval(TimeSpan.FromSeconds(1), time);
        Assert.True(limiter.Allow());
        using var cancellation = new CancellationTokenSource();
        var gone = limiter.WaitAsync(cancellation.Token).AsTask();
        await Assert.ThrowsAsync<TimeoutException>(() => limiter.WaitAsync(TimeSpan.FromSeconds(1.9), Patience).AsTask());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        var next = limiter.WaitAsync(TimeSpan.FromSeconds(1), Patience).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        await next;
    }

    [Fact]
    public async Task A_reset_lets_the_next_call_through()
    {
        var limiter = new MinimumInterval(TimeSpan.MaxValue, time);
        Assert.True(limiter.Allow());
        var first = limiter.WaitAsync(Patience).AsTask();
        var second = limiter.WaitAsync(Patience).AsTask();
        limiter.Reset();
        await first;
        Assert.False(second.IsCompleted);
        limiter.Reset();
        await second;
    }

    [Fact]
    public async Task Callers_from_many_threads_all_pass_and_never_faster_than_the_rate()
    {
        var bucket = new TokenBucket(100_000, 5);
        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    await bucket.WaitAsync(Patience);
                }
            },
            Patience)));
        var took = TimeProvider.System.GetElapsedTime(start);
        Assert.True(took.TotalSeconds * 100_000 + 5 >= 8000, $"8000 calls in {took}");
    }
}
