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
    public async Task A_refill_brings_what_is_wanted_now_and_tells_of_what_was_missed()
    {
        await using var run = new InformerRun();
        var wanted = "m";
        run.Informer.Hold(value => wanted.Contains(value.Key.Name, StringComparison.Ordinal));
        await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("m", 6), WireText.Object("z", 7));
        await run.ToldAsync();

        wanted = "ma";
        var refill = run.Informer.RefillAsync();
        await (await run.Server.NextAsync()).AnswerAsync(WireText.List(20, WireText.Object("a", 5), WireText.Object("z", 7)));
        await refill.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.Equal("Deleted m 6> stale", await run.ToldAsync());
        Assert.Equal("Added a >5", await run.ToldAsync());
        Assert.Equal(["a"], run.Cache.Keys.Select(key => key.Name));
    }

    [Fact]
    public async Task A_refill_asked_for_while_another_is_under_way_is_one_list_more()
    {
        await using var run = new InformerRun();
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
