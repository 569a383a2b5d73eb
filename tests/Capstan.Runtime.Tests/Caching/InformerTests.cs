using Capstan.Caching;
using Capstan.Runtime.Tests.Scripted;
using Capstan.Selectors;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

public sealed class InformerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_are_told_in_order_and_show_in_the_cache()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5, data: "x"));
        await run.Informer.WaitForSyncAsync(Cancel);
        Assert.Equal("Added a >5 initial", await run.ToldAsync());
        Assert.Equal("x", run.Cache.Get(InformerRun.Key("a"))!.Data!["v"]);
        Assert.Equal(("ConfigMap", "v1"), (run.Cache.List()[0].Kind, run.Cache.List()[0].ApiVersion));
        await watch.SendAsync(WireText.Added("b", 11) + WireText.Modified("a", 12) + WireText.Deleted("b", 13) + WireText.Bookmark(14));
        Assert.Equal("Added b >11", await run.ToldAsync());
        Assert.Equal("Updated a 5>12", await run.ToldAsync());
        Assert.Equal("Deleted b 13>", await run.ToldAsync());
        Assert.Equal([InformerRun.Key("a")], run.Cache.Keys);
    }

    [Fact]
    public async Task Trap14_deletes_seen_after_relist_are_told_with_the_last_known_object()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("b", 6), WireText.Object("c", 7));
        for (var i = 0; i < 3; i++)
        {
            await run.ToldAsync();
        }

        await watch.SendAsync(WireText.Error(410, "Expired"));

        // Two pages: what is not on the first is not yet gone.
        await (await run.Server.NextAsync()).AnswerAsync(WireText.Page(20, "more", WireText.Object("a", 5)));
        var second = await run.Server.NextAsync();
        Assert.Equal(3, run.Cache.Count);
        await second.AnswerAsync(WireText.List(20, WireText.Object("c", 15)));
        Assert.Equal("Deleted b 6> stale", await run.ToldAsync());
        Assert.Equal("Updated c 7>15", await run.ToldAsync());
        Assert.Equal(["a", "c"], run.Cache.Keys.Select(k => k.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trap18_a_server_that_came_back_from_a_backup_is_believed_once_it_insists(bool isFingerprint)
    {
        var time = new ManualTime();
        await using var run = new InformerRun(new() { Fingerprint = isFingerprint ? static o => Fingerprint.Of(o, "data") : null }, time);
        string Known() => string.Join(" ", isFingerprint
            ? run.Informer.Fingerprints.List().Select(f => $"{f.Key.Name} {f.ResourceVersion}")
            : run.Informer.Cache.List().Select(o => $"{o.Key.Name} {o.ResourceVersion}"));
        var watch = await run.StartAsync(10, WireText.Object("a", 9), WireText.Object("b", 3), WireText.Object("c", 8));
        await run.Informer.WaitForSyncAsync(Cancel);
        await watch.SendAsync(WireText.Error(410, "Expired"));
        string[] past = [WireText.Object("a", 4), WireText.Object("b", 3)];
        for (var i = 0; i < 2; i++)
        {
            await (await run.Server.NextAsync()).AnswerAsync(WireText.List(5, past));
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(7), Cancel);
            Assert.Equal("a 9 b 3 c 8", Known());
            time.Advance(TimeSpan.FromSeconds(7));
        }

        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(5, past));
        var next = await run.Server.NextAsync();
        while (next.IsWatch && isFingerprint)
        {
            next = await run.Server.NextAsync();
        }

        if (isFingerprint)
        {
            await next.AnswerAsync(WireText.List(5, past));
            await run.Server.NextAsync();
        }

        Assert.Equal("a 4 b 3", Known());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trap15_another_object_under_the_same_name_is_a_deletion_and_an_addition(bool byList)
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5, "first"));
        await run.ToldAsync();
        if (byList)
        {
            await watch.SendAsync(WireText.Error(410, "Expired"));
            await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 15, "second")));
        }
        else
        {
            await watch.SendAsync(WireText.Modified("a", 15, "second"));
        }

        Assert.Equal("Deleted a 5> stale", await run.ToldAsync());
        Assert.Equal("Added a >15", await run.ToldAsync());
        Assert.Equal("second", run.Cache.Get(InformerRun.Key("a"))!.Metadata.Uid);
    }

    [Fact]
    public async Task Trap17_and_18_replays_and_older_states_change_nothing()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 9));
        await run.ToldAsync();
        await watch.SendAsync(WireText.Modified("a", 9) + WireText.Modified("a", 8) + WireText.Modified("a", 100) + WireText.Modified("a", 99) + WireText.Added("b", 101));
        Assert.Equal("Updated a 9>100", await run.ToldAsync());
        Assert.Equal("Added b >101", await run.ToldAsync());
        Assert.Equal("100", run.Cache.Get(InformerRun.Key("a"))!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Trap21_a_late_handler_is_told_of_what_is_there_and_then_of_all_that_comes()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("b", 6));
        await run.Informer.WaitForSyncAsync(Cancel);
        var late = System.Threading.Channels.Channel.CreateUnbounded<CacheChange>();
        run.Informer.AddHandler(c => late.Writer.TryWrite(c));
        Assert.True(await late.Reader.ReadAsync(Cancel) is { Kind: CacheChangeKind.Added, Key.Name: "a", IsInInitialList: true });
        Assert.True(await late.Reader.ReadAsync(Cancel) is { Kind: CacheChangeKind.Added, Key.Name: "b", IsInInitialList: true });
        await watch.SendAsync(WireText.Deleted("a", 11));
        Assert.True(await late.Reader.ReadAsync(Cancel) is { Kind: CacheChangeKind.Deleted, Key.Name: "a", IsInInitialList: false });
    }

    [Fact]
    public async Task Trap41_a_kind_that_may_not_be_read_shows_in_the_state_and_fails_the_sync_with_its_reason()
    {
        var time = new ManualTime();
        await using var run = new InformerRun(new() { CacheSyncTimeout = TimeSpan.FromSeconds(3) }, time);
        var told = new TaskCompletionSource<Exception>();
        run.Informer.Faulted += e => told.TrySetResult(e);
        run.Run();
        await (await run.Server.NextAsync()).RefuseAsync(403, "Forbidden", "configmaps is forbidden: User x cannot list");
        await told.Task.WaitAsync(Cancel);
        Assert.True(run.Informer.LastError is ApiException { IsForbidden: true });
        var sync = run.Informer.WaitForSyncAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(3));
        var failure = await Assert.ThrowsAsync<CacheSyncException>(() => sync);
        TestContext.Current.TestOutputHelper!.WriteLine(failure.Message);
        Assert.Contains("v1, Kind=ConfigMap", failure.Message, StringComparison.Ordinal);
        Assert.Contains("User x cannot list", failure.Message, StringComparison.Ordinal);
        Assert.False(run.Informer.HasSynced);
    }

    [Fact]
    public async Task Trap05_a_bookmark_moves_the_version_of_the_cache_and_is_told_to_nobody()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await run.ToldAsync();
        await watch.SendAsync(WireText.Bookmark(17) + WireText.Added("b", 18));
        Assert.Equal("Added b >18", await run.ToldAsync());
        await watch.SendAsync(WireText.Bookmark(30));
        while (run.Informer.ResourceVersion != "30")
        {
            await Task.Yield();
            Cancel.ThrowIfCancellationRequested();
        }

        Assert.Equal(["a", "b"], run.Cache.Keys.Select(k => k.Name));
    }

    [Fact]
    public async Task Trap16_an_object_that_no_longer_matches_is_gone_and_comes_back_when_it_does()
    {
        await using var run = new InformerRun(new() { LabelSelector = LabelSelector.Parse("app=x") });
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await run.ToldAsync();

        // The event has the object as it was, and the version of the change. Told once more, late, it means nothing.
        await watch.SendAsync(WireText.Deleted("a", 12) + WireText.Added("a", 14) + WireText.Deleted("a", 13) + WireText.Modified("a", 15));
        Assert.Equal(("Deleted a 12>", "Added a >14", "Updated a 14>15"), (await run.ToldAsync(), await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal(1, run.Cache.Count);
    }

    [Fact]
    public async Task Trap20_and_14_owners_before_and_after_hear_of_a_change_and_of_a_deletion_that_was_missed()
    {
        await using var run = new InformerRun();
        static string Owned(string name, int version, string owner) => WireText.Object(name, version).Replace(
            "\"uid\"", $"\"ownerReferences\":[{{\"apiVersion\":\"x/v1\",\"kind\":\"Owner\",\"name\":\"{owner}\",\"uid\":\"1\",\"controller\":true}}],\"uid\"", StringComparison.Ordinal);
        var owners = new ResourceType("x", "v1", "Owner", "owners", true);
        var heard = System.Threading.Channels.Channel.CreateUnbounded<string>();
        run.Informer.AddHandler(c => heard.Writer.TryWrite(string.Join(" ", Capstan.Controllers.OwnerKeys.Of(c.Old, owners).Concat(Capstan.Controllers.OwnerKeys.Of(c.New, owners)).Select(k => k.Name))));
        var watch = await run.StartAsync(10, Owned("a", 5, "first"), Owned("b", 6, "other"));
        Assert.Equal(("first", "other"), (await heard.Reader.ReadAsync(Cancel), await heard.Reader.ReadAsync(Cancel)));
        await watch.SendAsync(WireText.Event("MODIFIED", Owned("a", 11, "second")) + WireText.Error(410, "Expired"));
        Assert.Equal("first second", await heard.Reader.ReadAsync(Cancel));
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, Owned("b", 6, "other")));
        Assert.Equal("second", await heard.Reader.ReadAsync(Cancel));
    }

    [Fact]
    public async Task Trap41_a_kind_that_comes_later_is_found_and_readiness_tells_until_then()
    {
        var time = new ManualTime();
        await using var run = new InformerRun(new() { Namespaces = ["default"] }, time);
        var told = System.Threading.Channels.Channel.CreateUnbounded<Exception>();
        run.Informer.Faulted += e => told.Writer.TryWrite(e);
        run.Run();
        foreach (var (code, reason, message) in new[] { (404, "NotFound", "the server could not find the requested resource"), (403, "Forbidden", "User x cannot list") })
        {
            await (await run.Server.NextAsync()).RefuseAsync(code, reason, message);
            await told.Reader.ReadAsync(Cancel);
            var missing = Capstan.Hosting.InformerStart.WhatIsMissing([run.Informer]);
            Assert.Contains("configmaps", missing, StringComparison.Ordinal);
            Assert.Contains(message, missing, StringComparison.Ordinal);
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(4), Cancel);
            time.Advance(TimeSpan.FromSeconds(4));
        }

        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(10, WireText.Object("a", 5)));
        await run.Informer.WaitForSyncAsync(Cancel);
        Assert.Null(Capstan.Hosting.InformerStart.WhatIsMissing([run.Informer]));

        // A right that is taken away later shows as well; the objects stay.
        var watch = await run.Server.NextAsync();
        await watch.RefuseAsync(403, "Forbidden", "User x cannot watch");
        await told.Reader.ReadAsync(Cancel);
        Assert.Contains("User x cannot watch", Capstan.Hosting.InformerStart.WhatIsMissing([run.Informer]), StringComparison.Ordinal);
        Assert.Equal(1, run.Cache.Count);
    }

    [Fact]
    public async Task A_handler_and_an_index_that_throw_are_told_of_and_stop_nothing()
    {
        await using var run = new InformerRun();
        var faults = new List<string>();
        run.Informer.Faulted += e => faults.Add(e.Message);
        run.Informer.AddHandler(_ => throw new InvalidOperationException("handler broke"));
        run.Informer.AddIndex("bad", o => o.Key.Name == "a" ? throw new InvalidOperationException("index broke") : ["v"]);
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("b", 6));
        await run.ToldAsync();
        await run.ToldAsync();
        await watch.SendAsync(WireText.Added("c", 11));
        Assert.Equal("Added c >11", await run.ToldAsync());
        Assert.Equal(["b", "c"], run.Cache.ByIndex("bad", "v").Select(o => o.Metadata.Name));
        Assert.Contains(faults, f => f.Contains("handler broke", StringComparison.Ordinal) && f.Contains("default/a", StringComparison.Ordinal));
        Assert.Contains(faults, f => f.Contains("index broke", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lists_by_namespace_labels_index_and_limit_in_the_order_of_keys()
    {
        await using var run = new InformerRun();
        static string Item(string space, string name, string app, string data) =>
            $$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{space}}}","uid":"{{{space}}}-{{{name}}}","resourceVersion":"5","labels":{"app":"{{{app}}}"}},"data":{"v":"{{{data}}}"}}""";
        run.Informer.AddIndex<ConfigMap>("data.v", c => c.Data!.Values);
        var watch = await run.StartAsync(10, Item("y", "b", "one", "p"), Item("x", "c", "two", "p"), Item("x", "a", "one", "q"), Item("x-1", "a", "one", "p"));
        await run.Informer.WaitForSyncAsync(Cancel);
        string Names(ListQuery query) => string.Join(" ", run.Cache.List(query).Select(c => c.Key));
        Assert.Equal("x/a x/c x-1/a y/b", Names(default));
        Assert.Equal("x/a x/c", Names(new() { Namespace = "x" }));
        Assert.Equal("x/a x-1/a y/b", Names(new() { LabelSelector = LabelSelector.Parse("app=one") }));
        Assert.Equal("x/c x-1/a y/b", Names(new() { MatchingFields = [("data.v", "p")] }));
        Assert.Equal("x/c", Names(new() { MatchingFields = [("data.v", "p")], Namespace = "x" }));
        Assert.Equal("x/c x-1/a", Names(new() { MatchingFields = [("data.v", "p")], Limit = 2 }));
        Assert.Equal("", Names(new() { MatchingFields = [("data.v", "none")] }));
        Assert.Contains("data.v", Assert.Throws<ArgumentException>(() => run.Cache.ByIndex("other", "x")).Message, StringComparison.Ordinal);

        await watch.SendAsync(WireText.Event("MODIFIED", Item("x", "c", "two", "q").Replace("\"5\"", "\"11\"", StringComparison.Ordinal)) + WireText.Deleted("nobody", 12) + WireText.Event("DELETED", Item("y", "b", "one", "p")));
        for (var told = ""; !told.StartsWith("Deleted", StringComparison.Ordinal); told = await run.ToldAsync())
        {
        }

        Assert.Equal("x-1/a", Names(new() { MatchingFields = [("data.v", "p")] }));
        Assert.Equal("x/a x/c", Names(new() { MatchingFields = [("data.v", "q")] }));
    }

    [Fact]
    public async Task Reading_a_kind_without_informer_is_an_error_that_says_so()
    {
        await using var server = new ScriptedApiServer();
        using var client = server.Connect();
        var set = new InformerSet(client);
        var error = Assert.Throws<InvalidOperationException>(set.Cache<ConfigMap>);
        TestContext.Current.TestOutputHelper!.WriteLine(error.Message);
        Assert.Contains("no informer watches v1, Kind=ConfigMap", error.Message, StringComparison.Ordinal);
        Assert.Same(set.Add<ConfigMap>(), set.Add<ConfigMap>());
        Assert.Throws<InvalidOperationException>(() => set.Add<ConfigMap>(new() { Namespace = "x" }));
        Assert.NotNull(set.Cache<ConfigMap>());
        Assert.False(server.HasRequest);
    }
}
