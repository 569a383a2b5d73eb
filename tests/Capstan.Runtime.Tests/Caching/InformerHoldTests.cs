using Capstan.Caching;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>A cache that holds some of the objects only, and others later: what a replica does that shares them.</summary>
public sealed class InformerHoldTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_not_wanted_is_neither_held_nor_told()
    {
        await using var run = new InformerRun();
        run.Informer.Hold(value => value.Key.Name.StartsWith('m'));
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("m", 6));
        Assert.Equal("Added m >6 initial", await run.ToldAsync());
        await watch.SendAsync(WireText.Added("b", 11) + WireText.Modified("a", 12) + WireText.Added("mm", 13) + WireText.Deleted("b", 14) + WireText.Deleted("m", 15));
        Assert.Equal("Added mm >13", await run.ToldAsync());
        Assert.Equal("Deleted m 15>", await run.ToldAsync());
        Assert.Equal(["mm"], run.Cache.Keys.Select(key => key.Name));
        Assert.Equal("15", run.Informer.ResourceVersion);
    }

    [Fact]
    public async Task What_is_no_longer_wanted_goes_without_a_word()
    {
        await using var run = new InformerRun();
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("m", 6));
        await run.ToldAsync();
        await run.ToldAsync();
        run.Informer.Hold(value => value.Key.Name.StartsWith('m'));
        Assert.Equal(["m"], run.Cache.Keys.Select(key => key.Name));
        await watch.SendAsync(WireText.Modified("a", 12) + WireText.Deleted("a", 13) + WireText.Modified("m", 14));
        Assert.Equal("Updated m 6>14", await run.ToldAsync());
    }

    [Fact]
    public async Task A_refill_brings_what_is_wanted_now_while_the_watch_goes_on()
    {
        await using var run = new InformerRun();
        run.Hold("m");
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("m", 6), WireText.Object("z", 7));
        await run.ToldAsync();

        run.Hold("ma");
        var refill = run.Informer.RefillAsync();
        var list = await run.Server.NextAsync();
        Assert.False(list.IsWatch);
        Assert.False(list.Query.ContainsKey("resourceVersion"));
        await watch.SendAsync(WireText.Modified("m", 11));
        Assert.Equal("Updated m 6>11", await run.ToldAsync());
        Assert.False(refill.IsCompleted);
        await list.AnswerAsync(WireText.List(20, WireText.Object("a", 5), WireText.Object("m", 6), WireText.Object("z", 7)));
        await refill.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.Equal("Added a >5", await run.ToldAsync());
        Assert.Equal(["a", "m"], run.Cache.Keys.Select(key => key.Name));

        // The watch is where it was: it has not told up to the version of the list.
        Assert.Equal("11", run.Informer.ResourceVersion);
        await watch.SendAsync(WireText.Modified("a", 21));
        Assert.Equal("Updated a 5>21", await run.ToldAsync());
    }

    [Fact]
    public async Task A_refill_whose_list_is_behind_the_watch_brings_nothing_back()
    {
        await using var run = new InformerRun();
        run.Hold("m");
        var watch = await run.StartAsync(10, WireText.Object("m", 6));
        await run.ToldAsync();

        run.Hold("mabc");
        var refill = run.Informer.RefillAsync();
        var list = await run.Server.NextAsync();
        await watch.SendAsync(WireText.Deleted("a", 21) + WireText.Modified("b", 22) + WireText.Deleted("c", 23) + WireText.Added("c", 24, uid: "later") + WireText.Deleted("m", 25));
        Assert.Equal("Added b >22", await run.ToldAsync());
        Assert.Equal("Added c >24", await run.ToldAsync());
        Assert.Equal("Deleted m 25>", await run.ToldAsync());
        await list.AnswerAsync(WireText.List(20, WireText.Object("a", 5), WireText.Object("b", 6), WireText.Object("c", 7), WireText.Object("m", 6)));
        await refill.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.Equal(["b 22", "c 24"], run.Cache.List().Select(one => $"{one.Metadata.Name} {one.Metadata.ResourceVersion}"));
    }

    [Fact]
    public async Task A_refill_whose_list_is_ahead_of_the_watch_is_told_once()
    {
        await using var run = new InformerRun();
        run.Hold("m");
        var watch = await run.StartAsync(10, WireText.Object("m", 6));
        await run.ToldAsync();

        run.Hold("mab");
        var refill = run.Informer.RefillAsync();
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 15), WireText.Object("b", 16, uid: "later"), WireText.Object("m", 17)));
        await refill.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.Equal("Added a >15", await run.ToldAsync());
        Assert.Equal("Added b >16", await run.ToldAsync());
        Assert.Equal("Updated m 6>17", await run.ToldAsync());

        // What the watch still has to tell of them is older, and the deletion is of the object that had the name before.
        await watch.SendAsync(WireText.Added("a", 11) + WireText.Modified("b", 12) + WireText.Deleted("b", 13) + WireText.Modified("a", 15) + WireText.Added("b", 16, uid: "later") + WireText.Modified("m", 17) + WireText.Modified("a", 21));
        Assert.Equal("Updated a 15>21", await run.ToldAsync());
        Assert.Equal(["a 21", "b 16", "m 17"], run.Cache.List().Select(one => $"{one.Metadata.Name} {one.Metadata.ResourceVersion}"));
        Assert.Equal("21", run.Informer.ResourceVersion);
    }

    [Fact]
    public async Task A_refill_goes_to_the_watch_when_that_lists_anew_itself()
    {
        await using var run = new InformerRun();
        run.Hold("m");
        var watch = await run.StartAsync(10, WireText.Object("m", 6));
        await run.ToldAsync();

        run.Hold("ma");
        var refill = run.Informer.RefillAsync();
        var list = await run.Server.NextAsync();
        await watch.SendAsync(WireText.Error(410, "Expired"));
        var relist = await run.Server.NextAsync();
        await list.AnswerAsync(WireText.List(20, WireText.Object("a", 5), WireText.Object("m", 6)));

        // What began before the refill could have been of other objects; so this one is given up for a third.
        var last = await run.Server.NextAsync();
        Assert.False(refill.IsCompleted);
        await last.AnswerAsync(WireText.List(30, WireText.Object("a", 5), WireText.Object("m", 6)));
        await refill.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.Equal(["a", "m"], run.Cache.Keys.Select(key => key.Name));
        Assert.False(relist.IsWatch);
    }

    [Fact]
    public async Task A_refill_that_fails_is_tried_again()
    {
        var time = new ManualTime();
        await using var run = new InformerRun(time: time);
        run.Hold("m");
        await run.StartAsync(10, WireText.Object("m", 6));
        run.Hold("ma");
        var refill = run.Informer.RefillAsync();
        var told = new TaskCompletionSource<Exception>();
        run.Informer.Faulted += error => told.TrySetResult(error);
        await (await run.Server.NextAsync()).RefuseAsync(403, "Forbidden", "not you");
        Assert.Contains("not you", (await told.Task.WaitAsync(ScriptedApiServer.Patience, Cancel)).Message, StringComparison.Ordinal);
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(2), Cancel);
        time.Advance(TimeSpan.FromSeconds(2));
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 5), WireText.Object("m", 6)));
        await refill.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.Equal(["a", "m"], run.Cache.Keys.Select(key => key.Name));
    }

    [Fact]
    public async Task Fingerprints_are_listed_by_the_watch_anew_and_a_refill_asked_for_meanwhile_is_one_list_more()
    {
        await using var run = new InformerRun(new() { Fingerprint = static value => Fingerprint.Of(value, "data") });
        await run.StartAsync(10, WireText.Object("a", 5));
        var first = run.Informer.RefillAsync();
        await run.Server.NextAsync();
        var second = run.Informer.RefillAsync();
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 5)));
        await Task.WhenAll(first, second).WaitAsync(ScriptedApiServer.Patience, Cancel);
    }

    [Fact]
    public async Task An_own_write_of_what_is_not_wanted_is_not_held()
    {
        await using var run = new InformerRun();
        run.Informer.Hold(value => value.Key.Name == "m");
        await run.StartAsync(10, WireText.Object("m", 6));
        await run.ToldAsync();
        run.Informer.Cache.Observe(DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(WireText.Object("a", 12))));
        Assert.Equal(["m"], run.Cache.Keys.Select(key => key.Name));
    }

    [Fact]
    public async Task A_refill_ends_with_the_informer()
    {
        var run = new InformerRun();
        await run.StartAsync(10, WireText.Object("a", 5));
        var refill = run.Informer.RefillAsync();
        await run.Server.NextAsync();
        await run.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refill.WaitAsync(ScriptedApiServer.Patience, Cancel));
    }
}
