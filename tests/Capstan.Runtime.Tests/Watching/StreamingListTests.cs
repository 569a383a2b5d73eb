using Capstan.Runtime.Tests.Scripted;
using Capstan.Watching;
using Xunit;

namespace Capstan.Runtime.Tests.Watching;

/// <summary>The first state as a stream of events, and servers that refuse or ignore the wish.</summary>
public sealed class StreamingListTests
{
    [Fact]
    public async Task Trap04_initial_events_are_gathered_until_their_end_mark_and_the_stream_goes_on()
    {
        await using var run = new WatcherRun(options: new());
        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        Assert.Equal(("true", "NotOlderThan", false), (watch.Query["sendInitialEvents"], watch.Query["resourceVersionMatch"], watch.Query.ContainsKey("resourceVersion")));
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Added("b", 8) + WireText.Added("a", 5) + WireText.Bookmark(7) + WireText.Modified("b", 9) + WireText.Added("c", 3) + WireText.Deleted("c", 10));
        Assert.False(run.Pending.IsCompleted);
        await watch.SendAsync(WireText.Bookmark(12, endsInitialEvents: true));
        var restarted = await run.Pending;
        Assert.Equal("12", restarted.ResourceVersion);
        Assert.Equal(["a 5", "b 9"], restarted.Objects!.Select(o => $"{o.Key.Name} {o.ResourceVersion}").Order());
        run.Pending = run.NextAsync();
        await watch.SendAsync(WireText.Added("d", 13));
        Assert.Equal((WatchEventKind.Applied, "13"), ((await run.Pending).Kind, (await run.Pending).ResourceVersion));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trap06_a_reconnect_sends_the_version_and_no_wish_for_initial_events(bool inOrder)
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time, new());
        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Bookmark(12, endsInitialEvents: true));
        await run.Pending;
        run.Pending = run.NextAsync();
        await watch.SendAsync(WireText.Added("d", 13));
        await run.Pending;
        run.Pending = run.NextAsync();
        if (inOrder)
        {
            await watch.EndAsync();
        }
        else
        {
            watch.Cut();
            Assert.Equal(WatchEventKind.Interrupted, (await run.Pending).Kind);
            run.Pending = run.NextAsync();
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(2));
        }

        var resumed = await run.Server.NextAsync();
        Assert.Equal(("13", false, false), (resumed.Query["resourceVersion"], resumed.Query.ContainsKey("sendInitialEvents"), resumed.Query.ContainsKey("resourceVersionMatch")));
    }

    [Theory]
    [InlineData(422, "Invalid")]
    [InlineData(400, "BadRequest")]
    public async Task Trap02_a_server_that_refuses_it_is_listed_at_once(int code, string reason)
    {
        await using var run = new WatcherRun(options: new());
        run.Pending = run.NextAsync();
        await (await run.Server.NextAsync()).RefuseAsync(code, reason, "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        var list = await run.Server.NextAsync();
        Assert.False(list.IsWatch);
        await list.AnswerAsync(WireText.List(10, WireText.Object("a", 4)));
        Assert.Equal(WatchEventKind.Restarted, (await run.Pending).Kind);
    }

    [Fact]
    public async Task Trap03_a_stream_that_is_cut_twice_before_its_end_mark_is_listed_in_pages_and_the_next_first_state_is_streamed_again()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time, new());
        run.Pending = run.NextAsync();
        for (var cut = 0; cut < 2; cut++)
        {
            var stream = await run.Server.NextAsync();
            Assert.Equal("true", stream.Query["sendInitialEvents"]);
            await stream.BeginAsync();
            await stream.SendAsync(WireText.Added("a", 5));
            stream.Cut();
            Assert.Equal(WatchEventKind.Interrupted, (await run.Pending).Kind);
            run.Pending = run.NextAsync();
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(4));
        }

        var list = await run.Server.NextAsync();
        Assert.False(list.IsWatch);
        await list.AnswerAsync(WireText.List(10, WireText.Object("a", 4)));
        Assert.Equal(WatchEventKind.Restarted, (await run.Pending).Kind);

        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Error(410, "Expired"));
        Assert.Equal("true", (await run.Server.NextAsync()).Query["sendInitialEvents"]);
    }

    [Fact]
    public async Task Trap03_a_server_that_never_marks_the_end_is_listed_after_some_silence()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time, new());
        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Added("a", 5));
        var listing = run.Server.NextAsync().AsTask();
        while (!listing.IsCompleted)
        {
            // Each line renews the patience: advance until it has run out after the last one.
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(listing, time.WaitForTimerAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        }

        Assert.False((await listing).IsWatch);
        await (await listing).AnswerAsync(WireText.List(10, WireText.Object("a", 5)));
        Assert.Equal(WatchEventKind.Restarted, (await run.Pending).Kind);
    }

    [Fact]
    public async Task Trap04_a_stream_that_ends_before_its_mark_tells_nothing_and_is_asked_for_again()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time, new());
        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Added("old", 5));
        await watch.EndAsync();
        Assert.Equal(WatchEventKind.Interrupted, (await run.Pending).Kind);
        run.Pending = run.NextAsync();
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(2));
        watch = await run.Server.NextAsync();
        Assert.True(watch.Query.ContainsKey("sendInitialEvents"));
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Added("new", 6) + WireText.Bookmark(7, endsInitialEvents: true));
        Assert.Equal(["new"], (await run.Pending).Objects!.Select(o => o.Key.Name));
    }

    [Fact]
    public async Task A_410_after_the_stream_streams_again()
    {
        await using var run = new WatcherRun(options: new());
        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Bookmark(7, endsInitialEvents: true));
        await run.Pending;
        run.Pending = run.NextAsync();
        await watch.SendAsync(WireText.Error(410, "Expired"));
        watch = await run.Server.NextAsync();
        Assert.True(watch.Query.ContainsKey("sendInitialEvents"));
    }
}
