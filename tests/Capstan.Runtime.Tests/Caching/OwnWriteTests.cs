using Capstan.Runtime.Tests.Scripted;
using Capstan.Selectors;
using Capstan.Watching;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>Trap 23: what a program wrote, its next read sees.</summary>
public sealed class OwnWriteTests
{
    private static DynamicObject Written(string name, int version, string? uid = null) => DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(WireText.Object(name, version, uid)));

    [Fact]
    public async Task Trap23_a_write_through_the_client_shows_at_once_and_is_told_when_the_watch_brings_it()
    {
        await using var run = new InformerRun();
        run.Informer.AddIndex<ConfigMap>("v", c => c.Data!.Values);
        var watch = await run.StartAsync(10, WireText.Object("a", 5, data: "old"));
        await run.ToldAsync();
        var writing = run.Client.PatchAsync<ConfigMap>(InformerRun.Key("a"), PatchType.Merge, "{}"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken);
        await (await run.Server.NextAsync()).AnswerAsync(WireText.Object("a", 20, data: "new"));
        await writing;
        Assert.Equal("new", run.Cache.Get(InformerRun.Key("a"))!.Data!["v"]);
        Assert.Single(run.Cache.ByIndex("v", "new"));
        Assert.Empty(run.Cache.ByIndex("v", "old"));

        await watch.SendAsync(WireText.Event("MODIFIED", WireText.Object("a", 15, data: "between")));
        Assert.Equal("Updated a 5>15", await run.ToldAsync());
        Assert.Equal("20", run.Cache.Get(InformerRun.Key("a"))!.Metadata.ResourceVersion);
        await watch.SendAsync(WireText.Event("MODIFIED", WireText.Object("a", 20, data: "new")) + WireText.Event("MODIFIED", WireText.Object("a", 21, data: "newest")));
        Assert.Equal("Updated a 15>20", await run.ToldAsync());
        Assert.Equal("Updated a 20>21", await run.ToldAsync());
        Assert.Equal("newest", run.Cache.Get(InformerRun.Key("a"))!.Data!["v"]);
        Assert.Empty(run.Cache.ByIndex("v", "between"));
    }

    [Fact]
    public async Task Trap23_a_write_that_the_watch_has_passed_is_not_shown_again()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await watch.SendAsync(WireText.Added("b", 12) + WireText.Deleted("b", 13));
        for (var told = ""; told != "Deleted b 13>"; told = await run.ToldAsync())
        {
        }

        // The answer to the creation comes late: the object came and went.
        run.Cache.Observe(DynamicObject.CopyFrom(Written("b", 12).Json.Span));
        Assert.False(run.Cache.Contains(InformerRun.Key("b")));
        run.Cache.Observe(Written("a", 5));
        run.Cache.Observe(Written("a", 4));
        Assert.Equal("5", run.Cache.Get(InformerRun.Key("a"))!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Trap23_a_bookmark_beyond_a_write_ends_its_overlay()
    {
        await using var run = new InformerRun(new() { FieldSelector = "spec.tier=front" });
        var watch = await run.StartAsync(10);
        await run.Informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        run.Cache.Observe(Written("b", 12));
        Assert.True(run.Cache.Contains(InformerRun.Key("b")));
        await watch.SendAsync(WireText.Bookmark(11) + WireText.Added("c", 20));
        await run.ToldAsync();
        Assert.False(run.Cache.Contains(InformerRun.Key("b")), "the watch told all up to 20, and no b: it does not match");
    }

    [Fact]
    public async Task Trap23_a_write_outside_of_the_scope_hides_the_object()
    {
        await using var run = new InformerRun(new() { LabelSelector = LabelSelector.Parse("app=x"), Namespace = "default" });
        static string Labelled(int version, string app) => WireText.Object("a", version).Replace("\"uid\"", $"\"labels\":{{\"app\":\"{app}\"}},\"uid\"", StringComparison.Ordinal);
        var watch = await run.StartAsync(10, Labelled(5, "x"));
        await run.ToldAsync();
        run.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(Labelled(12, "y"))));
        Assert.Equal(0, run.Cache.Count);
        await watch.SendAsync(WireText.Event("DELETED", Labelled(12, "x")));
        Assert.Equal("Deleted a 12>", await run.ToldAsync());
        Assert.Equal(0, run.Cache.Count);
    }

    [Fact]
    public async Task Trap23_a_deletion_hides_the_object_and_no_other_of_the_same_name()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5, "first"), WireText.Object("b", 6));
        await run.ToldAsync();
        await run.ToldAsync();
        var deleting = run.Client.DeleteAsync<ConfigMap>(InformerRun.Key("a"), cancellationToken: TestContext.Current.CancellationToken);
        await (await run.Server.NextAsync()).AnswerAsync("""{"kind":"Status","apiVersion":"v1","status":"Success","details":{"name":"a","uid":"first"}}""");
        await deleting;
        Assert.Equal(["b"], run.Cache.Keys.Select(k => k.Name));

        // A change from before the deletion does not bring it back.
        await watch.SendAsync(WireText.Modified("a", 11, "first"));
        Assert.Equal("Updated a 5>11", await run.ToldAsync());
        Assert.Equal(["b"], run.Cache.Keys.Select(k => k.Name));
        await watch.SendAsync(WireText.Deleted("a", 12, "first") + WireText.Added("a", 13, "second"));
        await run.ToldAsync();
        await run.ToldAsync();
        Assert.Equal("second", run.Cache.Get(InformerRun.Key("a"))!.Metadata.Uid);
        run.Cache.ObserveDeletion(InformerRun.Key("a"), "first");
        Assert.True(run.Cache.Contains(InformerRun.Key("a")));
    }

    [Fact]
    public async Task Trap23_a_deletion_that_never_comes_true_is_believed_for_a_minute()
    {
        var time = new ManualTime();
        await using var run = new InformerRun(time: time);
        var watch = await run.StartAsync(10, WireText.Object("a", 5, "first"));
        await run.ToldAsync();
        run.Cache.ObserveDeletion(InformerRun.Key("a"), "first");
        Assert.False(run.Cache.Contains(InformerRun.Key("a")));
        time.Advance(TimeSpan.FromMinutes(1.1));
        await watch.SendAsync(WireText.Added("b", 11));
        await run.ToldAsync();
        Assert.True(run.Cache.Contains(InformerRun.Key("a")));
    }

    [Fact]
    public async Task Trap23_a_creation_shows_where_the_watch_still_has_nothing_or_another_object()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5, "first"));
        await run.ToldAsync();
        run.Cache.Observe(Written("new", 20));
        run.Cache.Observe(Written("a", 21, "second"));
        Assert.Equal(["a second", "new uid-new"], run.Cache.List().Select(c => $"{c.Metadata.Name} {c.Metadata.Uid}"));

        // The end of the first comes late, and does not take the second with it.
        await watch.SendAsync(WireText.Deleted("a", 18, "first"));
        Assert.Equal("Deleted a 18>", await run.ToldAsync());
        Assert.Equal(["a second", "new uid-new"], run.Cache.List().Select(c => $"{c.Metadata.Name} {c.Metadata.Uid}"));
        await watch.SendAsync(WireText.Added("new", 20) + WireText.Added("a", 21, "second") + WireText.Deleted("new", 22));
        Assert.Equal(("Added new >20", "Added a >21", "Deleted new 22>"), (await run.ToldAsync(), await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal(["a second"], run.Cache.List().Select(c => $"{c.Metadata.Name} {c.Metadata.Uid}"));
    }

    [Fact]
    public async Task Trap23_an_object_held_by_a_finalizer_is_there_until_the_write_that_removes_the_last()
    {
        await using var run = new InformerRun();
        static string Deleting(int version, string finalizers) => WireText.Object("a", version, "first")
            .Replace("\"uid\"", $"\"deletionTimestamp\":\"2026-01-02T03:04:05Z\",\"deletionGracePeriodSeconds\":0,\"finalizers\":[{finalizers}],\"uid\"", StringComparison.Ordinal);
        var watch = await run.StartAsync(10, WireText.Object("a", 5, "first"));
        await run.ToldAsync();
        var deleting = run.Client.DeleteAsync<ConfigMap>(InformerRun.Key("a"), cancellationToken: TestContext.Current.CancellationToken);
        await (await run.Server.NextAsync()).AnswerAsync(Deleting(11, "\"x/y\""));
        Assert.NotNull(await deleting);
        Assert.NotNull(run.Cache.Get(InformerRun.Key("a"))!.Metadata.DeletionTimestamp);
        var releasing = run.Client.PatchAsync<ConfigMap>(InformerRun.Key("a"), PatchType.Merge, "{}"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken);
        await (await run.Server.NextAsync()).AnswerAsync(Deleting(12, ""));
        await releasing;
        Assert.False(run.Cache.Contains(InformerRun.Key("a")));
        await watch.SendAsync(WireText.Event("MODIFIED", Deleting(11, "\"x/y\"")) + WireText.Event("DELETED", Deleting(12, "")));
        Assert.Equal(("Updated a 5>11", "Deleted a 12>"), (await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal(0, run.Cache.Count);
    }

    [Theory]
    [InlineData("\"deletionGracePeriodSeconds\":30,", "")]
    [InlineData("", ",\"spec\":{\"finalizers\":[\"kubernetes\"]}")]
    public async Task Trap23_a_pod_in_its_grace_and_a_namespace_being_emptied_are_still_there(string metadata, string spec)
    {
        await using var run = new InformerRun();
        await run.StartAsync(10, WireText.Object("a", 5));
        await run.ToldAsync();
        var ending = WireText.Object("a", 12).Replace("\"uid\"", $"\"deletionTimestamp\":\"2026-01-02T03:04:05Z\",{metadata}\"uid\"", StringComparison.Ordinal);
        run.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(ending[..^1] + spec + "}")));
        Assert.NotNull(run.Cache.Get(InformerRun.Key("a"))!.Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Trap23_a_write_that_changed_nothing_waits_for_no_event()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5, data: "same"));
        await run.ToldAsync();
        run.Cache.Observe(Written("a", 5));
        Assert.Equal("same", run.Cache.Get(InformerRun.Key("a"))!.Data!["v"]);

        // A second write that changes nothing after one that the watch has not told yet.
        run.Cache.Observe(Written("a", 12));
        run.Cache.Observe(Written("a", 12));
        await watch.SendAsync(WireText.Modified("a", 12) + WireText.Modified("a", 13));
        Assert.Equal(("Updated a 5>12", "Updated a 12>13"), (await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal("13", run.Cache.Get(InformerRun.Key("a"))!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Trap23_writes_settle_one_by_one()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("b", 6), WireText.Object("c", 7));
        await run.Informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        run.Cache.Observe(Written("a", 20));
        run.Cache.Observe(Written("b", 30));
        run.Cache.ObserveDeletion(InformerRun.Key("c"), "uid-c");
        await watch.SendAsync(WireText.Modified("a", 20) + WireText.Modified("c", 21));
        for (var told = ""; told != "Updated c 7>21"; told = await run.ToldAsync())
        {
        }

        Assert.Equal(["a 20", "b 30"], run.Cache.List().Select(c => $"{c.Metadata.Name} {c.Metadata.ResourceVersion}"));
        await watch.SendAsync(WireText.Bookmark(29) + WireText.Modified("a", 31));
        await run.ToldAsync();
        Assert.Equal(["a 31", "b 6"], run.Cache.List().Select(c => $"{c.Metadata.Name} {c.Metadata.ResourceVersion}"));
    }

    [Fact]
    public async Task Trap23_a_write_that_no_event_answers_is_shown_for_a_bounded_time_while_the_watch_works()
    {
        var time = new ManualTime();
        await using var run = new InformerRun(new() { FieldSelector = "spec.tier=front" }, time);
        var watch = await run.StartAsync(10);
        await run.Informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        run.Cache.Observe(Written("never", 12));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(run.Cache.Contains(InformerRun.Key("never")));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.False(run.Cache.Contains(InformerRun.Key("never")));

        // A watch that is interrupted may yet bring it.
        run.Cache.Observe(Written("late", 13));
        var interrupted = new TaskCompletionSource();
        run.Informer.Faulted += _ => interrupted.TrySetResult();
        watch.Cut();
        await interrupted.Task.WaitAsync(ScriptedApiServer.Patience, TestContext.Current.CancellationToken);
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(2));
        var again = await run.Server.NextAsync();
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.True(run.Cache.Contains(InformerRun.Key("late")));
        await again.BeginAsync();
        await again.SendAsync(WireText.Added("late", 13) + WireText.Deleted("late", 14));
        await run.ToldAsync();
        await run.ToldAsync();
        Assert.Equal(0, run.Cache.Count);
    }

    [Fact]
    public async Task Trap18_a_relist_that_is_older_than_a_write_does_not_hide_it()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await run.ToldAsync();
        run.Cache.Observe(Written("a", 30));
        run.Cache.Observe(Written("n", 31));
        await watch.SendAsync(WireText.Error(410, "Expired"));
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 15)));
        Assert.Equal("Updated a 5>15", await run.ToldAsync());
        Assert.Equal("30", run.Cache.Get(InformerRun.Key("a"))!.Metadata.ResourceVersion);
        Assert.True(run.Cache.Contains(InformerRun.Key("n")));
        watch = await run.Server.NextAsync();
        await watch.BeginAsync();
        await watch.SendAsync(WireText.Modified("a", 40));
        await run.ToldAsync();
        Assert.Equal(["a"], run.Cache.Keys.Select(k => k.Name));
    }

    [Theory]
    [InlineData("9", "10", -1)]
    [InlineData("10", "9", 1)]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567889", 1)]
    [InlineData("7", "7", 0)]
    [InlineData("x", "x", 0)]
    [InlineData("0", "5", null)]
    [InlineData("007", "8", null)]
    [InlineData("x", "8", null)]
    [InlineData("", "8", null)]
    [InlineData("1-2", "8", null)]
    public void Trap17_versions_are_ordered_only_if_they_are_numbers(string left, string right, int? order)
    {
        var compared = ResourceVersions.Compare(left, right);
        Assert.Equal(order, compared is { } c ? Math.Sign(c) : null);
    }
}
