using System.Text;
using Capstan.Runtime.Tests.Scripted;
using Capstan.Watching;
using Xunit;

namespace Capstan.Runtime.Tests.Watching;

/// <summary>The state machine after a plain list, against servers that misbehave in all ways of runtime-traps.md.</summary>
public sealed class WatcherTests
{
    [Fact]
    public async Task Trap01_the_first_list_and_that_after_410_ask_for_the_most_recent_state()
    {
        await using var run = new WatcherRun();
        var restarted = run.NextAsync();
        var list = await run.Server.NextAsync();
        Assert.False(list.Query.ContainsKey("resourceVersion"), "a version of 0 may show the past");
        await list.AnswerAsync(WireText.List(10));
        await restarted;
        var next = run.NextAsync();
        await (await run.Server.NextAsync()).RefuseAsync(410, "Expired");
        list = await run.Server.NextAsync();
        Assert.False(list.IsWatch);
        Assert.False(list.Query.ContainsKey("resourceVersion"));
        await list.AnswerAsync(WireText.List(20, WireText.Object("a", 15)));
        Assert.Equal(("a", "20"), ((await next).Objects![0].Key.Name, (await next).ResourceVersion));
    }

    [Fact]
    public async Task Trap01_too_large_resource_version_lists_again()
    {
        await using var run = new WatcherRun();
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Bookmark(12));
        await run.Pending;
        run.Pending = run.NextAsync();
        await watch.EndAsync();
        await (await run.Server.NextAsync()).RefuseAsync(504, "Timeout", "Too large resource version: 12, current: 5");
        var list = await run.Server.NextAsync();
        Assert.False(list.IsWatch);
        Assert.False(list.Query.ContainsKey("resourceVersion"));
        await list.AnswerAsync(WireText.List(15));
        Assert.Equal(WatchEventKind.Restarted, (await run.Pending).Kind);
    }

    [Fact]
    public async Task Trap01_a_list_of_the_past_is_asked_for_again_and_believed_at_the_third_time()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync(WireText.Object("a", 9));
        await watch.SendAsync(WireText.Error(410, "Expired"));
        for (var i = 1; i <= 3; i++)
        {
            await (await run.Server.NextAsync()).AnswerAsync(WireText.List(5, WireText.Object("past", 4)));
            var told = await run.Pending;
            Assert.Equal(i < 3 ? WatchEventKind.Interrupted : WatchEventKind.Restarted, told.Kind);
            if (i < 3)
            {
                Assert.Contains("version 5, and 10 was seen", told.Error!.Message, StringComparison.Ordinal);
                run.Pending = run.NextAsync();
                await time.WaitForTimerAsync(TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken);
                time.Advance(TimeSpan.FromSeconds(7));
            }
        }
    }

    [Fact]
    public async Task Trap02_a_list_sends_a_match_only_with_a_version_and_never_with_a_continuation()
    {
        await using var run = new WatcherRun();
        run.Server.Minor = "33";
        var restarted = run.NextAsync();
        var first = await run.Server.NextAsync();
        Assert.False(first.Query.ContainsKey("resourceVersionMatch") || first.Query.ContainsKey("resourceVersion"));
        await first.AnswerAsync(WireText.Page(10, "more", WireText.Object("a", 3)));
        var whole = await run.Server.NextAsync();
        Assert.Equal(("10", "NotOlderThan", false), (whole.Query["resourceVersion"], whole.Query["resourceVersionMatch"], whole.Query.ContainsKey("continue")));
        await whole.AnswerAsync(WireText.List(11, WireText.Object("a", 3), WireText.Object("b", 4)));
        Assert.Equal(2, (await restarted).Objects!.Count);
        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        Assert.True(watch.IsWatch);
        Assert.False(watch.Query.ContainsKey("resourceVersionMatch"));
    }

    [Fact]
    public async Task Trap05_bookmarks_move_the_version_and_are_no_objects()
    {
        await using var run = new WatcherRun();
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Bookmark(17));
        var mark = await run.Pending;
        Assert.Equal((WatchEventKind.Bookmark, "17", null), (mark.Kind, mark.ResourceVersion, mark.Object));
        run.Pending = run.NextAsync();
        await watch.EndAsync();
        Assert.Equal("17", (await run.Server.NextAsync()).Query["resourceVersion"]);
    }

    [Fact]
    public async Task Trap07_an_ordinary_end_resumes_at_the_last_version_without_a_list_or_a_wait()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Added("a", 11));
        var added = await run.Pending;
        Assert.Equal((WatchEventKind.Applied, "a", "11"), (added.Kind, added.Object!.Key.Name, added.ResourceVersion));
        run.Pending = run.NextAsync();
        await watch.EndAsync();
        var resumed = await run.Server.NextAsync();
        Assert.True(resumed.IsWatch);
        Assert.Equal("11", resumed.Query["resourceVersion"]);
        Assert.False(resumed.Query.ContainsKey("sendInitialEvents"));
    }

    [Fact]
    public async Task Trap07_a_watch_that_ends_at_once_with_nothing_is_asked_for_again_only_after_a_while()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        await watch.EndAsync();
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(run.Server.HasRequest);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("10", (await run.Server.NextAsync()).Query["resourceVersion"]);
    }

    [Theory]
    [InlineData(410, "Expired")]
    [InlineData(410, "Gone")]
    public async Task Trap07_an_error_event_of_410_lists_again(int code, string reason)
    {
        await using var run = new WatcherRun();
        var watch = await run.StartAsync(WireText.Object("a", 9));
        await watch.SendAsync(WireText.Error(code, reason));
        var list = await run.Server.NextAsync();
        Assert.False(list.IsWatch);
        await list.AnswerAsync(WireText.List(30));
        var restarted = await run.Pending;
        Assert.Equal((WatchEventKind.Restarted, 0), (restarted.Kind, restarted.Objects!.Count));
    }

    [Fact]
    public async Task Trap07_an_error_event_of_500_resumes_after_a_wait_and_is_told()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Error(500, "InternalError", "etcd is away"));
        var told = await run.Pending;
        Assert.Equal(WatchEventKind.Interrupted, told.Kind);
        Assert.Contains("etcd is away", told.Error!.Message, StringComparison.Ordinal);
        Assert.InRange(told.RetryIn.TotalSeconds, 0.8, 1.6);
        run.Pending = run.NextAsync();
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(2));
        var resumed = await run.Server.NextAsync();
        Assert.Equal("10", resumed.Query["resourceVersion"]);
        await resumed.BeginAsync();
        Assert.Equal(WatchEventKind.Bookmark, (await run.Pending).Kind);
    }

    [Fact]
    public async Task Trap07_an_error_event_of_429_waits_as_long_as_it_asks()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Event("ERROR", """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429,"details":{"retryAfterSeconds":12}}"""));
        Assert.Equal(TimeSpan.FromSeconds(12), (await run.Pending).RetryIn);
    }

    [Fact]
    public async Task Trap07_an_object_of_kind_Status_is_an_object()
    {
        await using var run = new WatcherRun();
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Event("ADDED", """{"kind":"Status","apiVersion":"v1","metadata":{"name":"x","namespace":"default","resourceVersion":"12"},"status":"Failure","code":410}"""));
        Assert.Equal((WatchEventKind.Applied, "x"), ((await run.Pending).Kind, (await run.Pending).Object!.Key.Name));
    }

    [Fact]
    public async Task Trap08_a_watch_that_holds_its_headers_back_ends_by_its_own_deadline_and_resumes()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var restarted = run.NextAsync();
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(10));
        await restarted;
        run.Pending = run.NextAsync();
        var watch = await run.Server.NextAsync();
        var asked = TimeSpan.FromSeconds(double.Parse(watch.Query["timeoutSeconds"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(asked.TotalMinutes, 5, 10.1);
        time.Advance(asked - TimeSpan.FromSeconds(1));
        Assert.False(run.Pending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(WatchEventKind.Interrupted, (await run.Pending).Kind);
    }

    [Fact]
    public async Task Trap10_a_dead_connection_is_given_up_after_the_time_asked_for_and_a_margin()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Added("a", 11));
        await run.Pending;
        run.Pending = run.NextAsync();
        time.Advance(TimeSpan.FromMinutes(10.6));
        var told = await run.Pending;
        Assert.Equal(WatchEventKind.Interrupted, told.Kind);
        run.Pending = run.NextAsync();
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("11", (await run.Server.NextAsync()).Query["resourceVersion"]);
    }

    [Fact]
    public async Task Trap09_events_may_be_split_anywhere_even_within_a_character()
    {
        await using var run = new WatcherRun();
        var watch = await run.StartAsync();
        var bytes = Encoding.UTF8.GetBytes("\n" + WireText.Event("ADDED", WireText.Object("a", 11, data: "größe-日本語-🚀")) + "\r\n" + WireText.Added("b", 12));
        foreach (var part in bytes)
        {
            await watch.SendAsync(new[] { part });
        }

        var first = await run.Pending;
        Assert.Contains("größe-日本語-🚀", Encoding.UTF8.GetString(first.Object!.Json.Span), StringComparison.Ordinal);
        run.Pending = run.NextAsync();
        Assert.Equal("b", (await run.Pending).Object!.Key.Name);
    }

    [Fact]
    public async Task Trap09_events_of_megabytes_and_many_in_one_chunk_are_read()
    {
        await using var run = new WatcherRun();
        var watch = await run.StartAsync();
        var large = new string('x', 3_000_000);
        await watch.SendAsync(WireText.Added("a", 11) + WireText.Event("MODIFIED", WireText.Object("a", 12, data: large)) + WireText.Deleted("a", 13));
        Assert.Equal("11", (await run.Pending).ResourceVersion);
        var modified = await run.NextAsync();
        Assert.True(modified.Object!.Json.Length > large.Length);
        var deleted = await run.NextAsync();
        Assert.Equal((WatchEventKind.Deleted, "13"), (deleted.Kind, deleted.ResourceVersion));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trap09_a_cut_last_line_is_dropped_and_told_again_by_the_next_watch(bool inOrder)
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        await watch.SendAsync(WireText.Added("a", 11));
        Assert.Equal("11", (await run.Pending).ResourceVersion);
        run.Pending = run.NextAsync();
        await watch.SendAsync(WireText.Added("b", 12)[..40]);
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

        Assert.Equal("11", (await run.Server.NextAsync()).Query["resourceVersion"]);
    }

    [Theory]
    [InlineData("this is no JSON\n")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a"}}}""" + "\n")]
    [InlineData("""{"type":"ADDED"}""" + "\n")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":7,"resourceVersion":"12"}}}""" + "\n")]
    public async Task Trap09_an_event_that_cannot_be_read_is_told_and_followed_by_a_list(string line)
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var watch = await run.StartAsync();
        await watch.SendAsync(line);
        Assert.Equal(WatchEventKind.Interrupted, (await run.Pending).Kind);
        run.Pending = run.NextAsync();
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False((await run.Server.NextAsync()).IsWatch);
    }

    [Theory]
    [InlineData("34", true)]
    [InlineData("36+", true)]
    [InlineData("x", true)]
    [InlineData("33", false)]
    [InlineData("33+", false)]
    public async Task Trap13_an_old_server_is_asked_for_further_objects_at_once_and_a_new_one_page_by_page(string minor, bool pages)
    {
        await using var run = new WatcherRun();
        run.Server.Minor = minor;
        var restarted = run.NextAsync();
        await (await run.Server.NextAsync()).AnswerAsync(WireText.Page(10, "more", WireText.Object("a", 3)));
        var second = await run.Server.NextAsync();
        Assert.Equal((pages, pages), (second.Query.ContainsKey("continue"), second.Query.ContainsKey("limit")));
        await second.AnswerAsync(pages ? WireText.List(10, WireText.Object("b", 4)) : WireText.List(12, WireText.Object("b", 4)));
        Assert.Equal(pages ? ["a", "b"] : ["b"], (await restarted).Objects!.Select(o => o.Key.Name).Order());
        Assert.Equal(pages ? "10" : "12", (await restarted).ResourceVersion);
        Assert.Equal(1, run.Server.VersionsAsked);
    }

    [Fact]
    public async Task Trap13_a_collection_of_one_page_is_one_request()
    {
        await using var run = new WatcherRun();
        await run.StartAsync(WireText.Object("a", 3));
        Assert.Equal(0, run.Server.VersionsAsked);
    }

    [Fact]
    public async Task Trap13_an_old_server_whose_cache_is_behind_the_first_page_is_listed_without_a_version()
    {
        await using var run = new WatcherRun();
        run.Server.Minor = "30";
        var restarted = run.NextAsync();
        await (await run.Server.NextAsync()).AnswerAsync(WireText.Page(10, "more", WireText.Object("a", 3)));
        await (await run.Server.NextAsync()).RefuseAsync(504, "Timeout", "Too large resource version: 10, current: 5");
        var whole = await run.Server.NextAsync();
        Assert.False(whole.Query.ContainsKey("limit") || whole.Query.ContainsKey("resourceVersion"));
        await whole.AnswerAsync(WireText.List(12, WireText.Object("b", 4)));
        Assert.Equal(["b"], (await restarted).Objects!.Select(o => o.Key.Name));
    }

    [Fact]
    public async Task Trap13_a_list_that_is_cut_is_taken_again_without_what_came_before()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        run.Pending = run.NextAsync();

        // A connection that breaks is routine, and the list is asked for again at once; one that ends too early in good order is told.
        foreach (var isBroken in new[] { true, false })
        {
            var list = await run.Server.NextAsync();
            await list.BeginAsync();
            await list.SendAsync(WireText.List(10, WireText.Object("gone", 3), WireText.Object("b", 4))[..^60]);
            if (isBroken)
            {
                list.Cut();
            }
            else
            {
                await list.EndAsync();
                Assert.Equal(WatchEventKind.Interrupted, (await run.Pending).Kind);
                run.Pending = run.NextAsync();
            }

            await time.WaitForTimerAsync(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(3));
        }

        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 15)));
        Assert.Equal(["a"], (await run.Pending).Objects!.Select(o => o.Key.Name));
    }

    [Fact]
    public async Task Trap09_a_list_may_be_split_anywhere_even_within_a_character()
    {
        await using var run = new WatcherRun();
        var restarted = run.NextAsync();
        var list = await run.Server.NextAsync();
        await list.BeginAsync();
        foreach (var part in Encoding.UTF8.GetBytes(WireText.List(10, WireText.Object("a", 3, data: "größe-🚀"), WireText.Object("b", 4))))
        {
            await list.SendAsync(new[] { part });
        }

        await list.EndAsync();
        var objects = (await restarted).Objects!;
        Assert.Equal(["a", "b"], objects.Select(o => o.Key.Name).Order());
        Assert.Contains(objects, o => Encoding.UTF8.GetString(o.Json.Span).Contains("größe-🚀", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trap13_a_page_that_expires_discards_those_before_and_lists_in_one_piece()
    {
        await using var run = new WatcherRun();
        var restarted = run.NextAsync();
        await (await run.Server.NextAsync()).AnswerAsync(WireText.Page(10, "more", WireText.Object("gone", 3)));
        var second = await run.Server.NextAsync();
        Assert.Equal("more", second.Query["continue"]);
        await second.RefuseAsync(410, "Expired");
        var whole = await run.Server.NextAsync();
        Assert.False(whole.Query.ContainsKey("continue") || whole.Query.ContainsKey("limit") || whole.Query.ContainsKey("resourceVersion"));
        await whole.AnswerAsync(WireText.List(40, WireText.Object("a", 39)));
        Assert.Equal(["a"], (await restarted).Objects!.Select(o => o.Key.Name));
        Assert.Equal("40", (await restarted).ResourceVersion);
    }

    [Fact]
    public async Task Trap16_a_deletion_moves_the_version()
    {
        await using var run = new WatcherRun();
        var watch = await run.StartAsync(WireText.Object("a", 9));
        await watch.SendAsync(WireText.Deleted("a", 25));
        Assert.Equal(WatchEventKind.Deleted, (await run.Pending).Kind);
        run.Pending = run.NextAsync();
        await watch.EndAsync();
        Assert.Equal("25", (await run.Server.NextAsync()).Query["resourceVersion"]);
    }

    [Fact]
    public async Task Trap41_a_kind_that_is_forbidden_or_missing_is_told_each_time_with_longer_waits()
    {
        var time = new ManualTime();
        await using var run = new WatcherRun(time);
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var told = run.NextAsync();
            if (i > 0)
            {
                await time.WaitForTimerAsync(TimeSpan.FromSeconds(61), TestContext.Current.CancellationToken);
                time.Advance(TimeSpan.FromSeconds(waits[^1]));
            }

            await (await run.Server.NextAsync()).RefuseAsync(i % 2 == 0 ? 403 : 404, i % 2 == 0 ? "Forbidden" : "NotFound");
            Assert.Equal(WatchEventKind.Interrupted, (await told).Kind);
            waits.Add((await told).RetryIn.TotalSeconds);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(" ", waits));
        Assert.InRange(waits[0], 0.8, 1.6);
        Assert.InRange(waits[1], 1.6, 3.2);
        Assert.InRange(waits[7], 30, 60);
    }
}
