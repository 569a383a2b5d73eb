using Capstan.Runtime.Tests.Scripted;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>How long a server has told nothing: what bounds the age of a cache.</summary>
public sealed class SilenceTests
{
    private readonly ManualTime _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_event_and_bookmark_end_it_and_it_grows_with_the_clock()
    {
        await using var run = new InformerRun(time: _time);
        Assert.Null(run.Informer.Silence);
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await SilentForAsync(run, 0);

        _time.Advance(TimeSpan.FromSeconds(70));
        Assert.Equal(TimeSpan.FromSeconds(70), run.Informer.Silence);

        await watch.SendAsync(WireText.Bookmark(11));
        await SilentForAsync(run, 0);
        _time.Advance(TimeSpan.FromSeconds(20));
        await watch.SendAsync(WireText.Modified("a", 12));
        await SilentForAsync(run, 0);
    }

    [Fact]
    public async Task A_watch_that_was_cut_and_opened_again_is_silent_until_it_says_something()
    {
        await using var run = new InformerRun(time: _time);
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await SilentForAsync(run, 0);
        _time.Advance(TimeSpan.FromSeconds(30));

        watch.Cut();
        await Eventually.SeeAsync("the cut to be noticed", _ => Task.FromResult(run.Informer.LastError), error => error is not null, cancellationToken: Cancel);
        await _time.WaitForTimerAsync(TimeSpan.FromSeconds(3), Cancel);
        _time.Advance(TimeSpan.FromSeconds(3));
        var again = await run.Server.NextAsync();
        await again.BeginAsync();
        await Eventually.SeeAsync("the watch to work again", _ => Task.FromResult(run.Informer.LastError), error => error is null, cancellationToken: Cancel);
        Assert.Equal(TimeSpan.FromSeconds(33), run.Informer.Silence);

        await again.SendAsync(WireText.Bookmark(11));
        await SilentForAsync(run, 0);
    }

    [Fact]
    public async Task Of_several_namespaces_the_longest_counts()
    {
        await using var run = new InformerRun(new() { Namespaces = ["default", "x"] }, _time);
        run.Run();
        var lists = new[] { await run.Server.NextAsync(), await run.Server.NextAsync() }.OrderBy(list => list.Path, StringComparer.Ordinal).ToArray();
        await lists[0].AnswerAsync(WireText.List(10));
        var watch = await run.Server.NextAsync();
        await watch.BeginAsync();
        Assert.Null(run.Informer.Silence);
        await lists[1].AnswerAsync(WireText.List(10));
        var other = await run.Server.NextAsync();
        await other.BeginAsync();
        await SilentForAsync(run, 0);

        _time.Advance(TimeSpan.FromSeconds(40));
        await watch.SendAsync(WireText.Added("a", 11));
        await run.ToldAsync();
        Assert.Equal(TimeSpan.FromSeconds(40), run.Informer.Silence);
        await other.SendAsync(WireText.Bookmark(12));
        await SilentForAsync(run, 0);
    }

    private static async Task SilentForAsync(InformerRun run, int seconds) =>
        await Eventually.SeeAsync($"{seconds} s of silence", _ => Task.FromResult(run.Informer.Silence), silence => silence == TimeSpan.FromSeconds(seconds), cancellationToken: Cancel);
}
