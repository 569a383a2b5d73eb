using Capstan.Runtime.Tests.Scripted;
using Capstan.Watching;
using Xunit;

namespace Capstan.Runtime.Tests.Watching;

public sealed class WatchBackoffTests
{
    private readonly ManualTime time = new();
    private readonly WatchBackoff backoff;

    public WatchBackoffTests() => backoff = new(new(), time, new Random(1));

    [Fact]
    public void Waits_double_up_to_the_longest_while_failures_follow_one_another()
    {
        foreach (var least in (double[])[0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])
        {
            var wait = backoff.Next();
            Assert.InRange(wait.TotalSeconds, least, 2 * least);
            time.Advance(wait);
        }
    }

    [Fact]
    public void After_ten_times_the_wait_or_two_minutes_the_next_is_a_first_one()
    {
        time.Advance(backoff.Next() * 9);
        Assert.False(backoff.IsFresh);
        time.Advance(backoff.Next() * 11);
        Assert.InRange(backoff.Next().TotalSeconds, 0.8, 1.6);
        for (var i = 0; i < 7; i++)
        {
            backoff.Next();
        }

        time.Advance(TimeSpan.FromSeconds(119));
        Assert.False(backoff.IsFresh);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(backoff.IsFresh);
    }

    [Fact]
    public async Task A_watch_that_brings_changes_before_it_is_cut_never_waits_longer()
    {
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        for (var version = 11; version < 20; version++)
        {
            await watch.SendAsync(WireText.Added("a", version));
            Assert.Equal(WatchEventKind.Applied, (await run.Pending).Kind);
            run.Pending = run.NextAsync();
            await watch.SendAsync(WireText.Error(500, "InternalError"));
            var told = await run.Pending;
            Assert.Equal(WatchEventKind.Interrupted, told.Kind);
            Assert.InRange(told.RetryIn.TotalSeconds, 0.8, 1.6);
            run.Pending = run.NextAsync();
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(2));
            watch = await run.Server.NextAsync();
            Assert.Equal(version.ToString(System.Globalization.CultureInfo.InvariantCulture), watch.Query["resourceVersion"]);
            await watch.BeginAsync();
            Assert.Equal(WatchEventKind.Bookmark, (await run.Pending).Kind);
            run.Pending = run.NextAsync();
        }
    }
}
