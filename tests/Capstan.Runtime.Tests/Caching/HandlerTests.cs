using Capstan.Caching;
using Capstan.Runtime.Tests.Scripted;
using Xunit;

namespace Capstan.Runtime.Tests.Caching;

/// <summary>What handlers are told: late ones, slow ones, and those that are told again.</summary>
public sealed class HandlerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DynamicObject Object(string name, int version) => DynamicObject.Parse(System.Text.Encoding.UTF8.GetBytes(WireText.Object(name, version)));

    [Fact]
    public async Task Trap19_a_resync_tells_of_every_object_again_without_asking_the_server_and_not_on_the_dot()
    {
        var time = new ManualTime();
        await using var run = new InformerRun(new() { ResyncPeriod = TimeSpan.FromHours(1) }, time);
        var watch = await run.StartAsync(10, WireText.Object("a", 5), WireText.Object("b", 6));
        await run.Informer.WaitForSyncAsync(Cancel);
        Assert.Equal(("Added a >5 initial", "Added b >6 initial"), (await run.ToldAsync(), await run.ToldAsync()));
        await time.WaitForTimerAsync(TimeSpan.FromHours(1.1), Cancel);
        var due = time.Timers.Where(t => t >= TimeSpan.FromHours(1)).ToList();
        Assert.InRange(Assert.Single(due), TimeSpan.FromHours(1), TimeSpan.FromHours(1.1));
        Assert.NotEqual(TimeSpan.FromHours(1), due[0]);
        var resynced = new TaskCompletionSource<CacheChange>();
        run.Informer.AddHandler(c => _ = c.IsResync && resynced.TrySetResult(c));
        run.Informer.Resync();
        Assert.Equal(("Updated a 5>5", "Updated b 6>6"), (await run.ToldAsync(), await run.ToldAsync()));
        Assert.Equal(InformerRun.Key("a"), (await resynced.Task.WaitAsync(ScriptedApiServer.Patience, Cancel)).Key);
        Assert.False(run.Server.HasRequest);
    }

    [Fact]
    public async Task Trap21_the_cache_is_in_sync_only_when_its_handlers_are_and_a_late_one_has_its_own_moment()
    {
        await using var run = new InformerRun();
        using var gate = new ManualResetEventSlim();
        var slow = run.Informer.AddHandler(_ => gate.Wait(Cancel));
        await run.StartAsync(10, WireText.Object("a", 5));
        Assert.Equal("Added a >5 initial", await run.ToldAsync());
        Assert.Equal(1, run.Cache.Count);
        Assert.False(slow.HasSynced);
        Assert.False(run.Informer.HasSynced);
        gate.Set();
        await run.Informer.WaitForSyncAsync(Cancel);
        Assert.True(slow.HasSynced);

        using var gateOfLate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var late = run.Informer.AddHandler(_ =>
        {
            entered.TrySetResult();
            gateOfLate.Wait(Cancel);
        });
        await entered.Task.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.False(late.HasSynced);
        Assert.True(run.Informer.HasSynced);
        gateOfLate.Set();
    }

    [Fact]
    public async Task Trap22_a_handler_that_is_stuck_holds_back_neither_the_cache_nor_other_handlers()
    {
        await using var run = new InformerRun();
        using var gate = new ManualResetEventSlim();
        var stuck = run.Informer.AddHandler(_ => gate.Wait(Cancel));
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await run.ToldAsync();
        for (var i = 11; i < 31; i++)
        {
            await watch.SendAsync(WireText.Modified("a", i));
            Assert.Equal($"Updated a {(i == 11 ? 5 : i - 1)}>{i}", await run.ToldAsync());
        }

        Assert.Equal("30", run.Cache.Get(InformerRun.Key("a"))!.Metadata.ResourceVersion);
        Assert.InRange(stuck.Waiting, 20, 21);
        gate.Set();
    }

    [Fact]
    public async Task Trap22_what_waits_for_a_handler_is_bounded_by_the_number_of_objects_and_ends_with_the_last_state_of_each()
    {
        using var gate = new ManualResetEventSlim();
        var told = new List<CacheChange>();
        var queue = new HandlerQueue(
            c =>
            {
                gate.Wait(Cancel);
                told.Add(c);
            },
            (_, error) => Assert.Fail(error.Message));
        for (var version = 1; version <= 50_000; version++)
        {
            var (old, now) = (Object($"o{version % 10}", version), Object($"o{version % 10}", version + 10));
            queue.Add(version <= 10 ? CacheChange.Added(old) : CacheChange.Updated(old, now));
        }

        Assert.InRange(queue.Count, HandlerQueue.WholeChanges, HandlerQueue.WholeChanges + 10);
        queue.MarkSynced();
        gate.Set();
        await queue.Synced.WaitAsync(ScriptedApiServer.Patience, Cancel);
        TestContext.Current.TestOutputHelper!.WriteLine($"{told.Count} changes told");
        foreach (var changes in told.GroupBy(c => c.Key))
        {
            Assert.Equal(50_000 - ((50_000 - (changes.Key.Name[1] - '0')) % 10) + 10, int.Parse(changes.Last().New!.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture));

            // Nothing is skipped between: what one change ends with, the next begins with.
            Assert.All(changes.Skip(1).Zip(changes.Skip(2)), pair => Assert.Equal(pair.First.New!.ResourceVersion, pair.Second.Old!.ResourceVersion));
        }
    }

    [Fact]
    public async Task Trap22_what_came_and_went_while_a_handler_was_busy_is_not_told_and_a_deletion_of_what_it_knows_is()
    {
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var told = new List<string>();
        var queue = new HandlerQueue(
            c =>
            {
                entered.TrySetResult();
                gate.Wait(Cancel);
                told.Add($"{c.Kind} {c.Key.Name} {c.Old?.ResourceVersion}>{c.New?.ResourceVersion}");
            },
            (_, error) => Assert.Fail(error.Message));
        queue.Add(CacheChange.Added(Object("known", 1)));
        await entered.Task.WaitAsync(ScriptedApiServer.Patience, Cancel);
        for (var i = 0; i < HandlerQueue.WholeChanges; i++)
        {
            queue.Add(CacheChange.Added(Object($"filler{i}", i + 2)));
        }

        for (var i = 5000; i < 7000; i += 2)
        {
            queue.Add(CacheChange.Added(Object("fleeting", i)));
            queue.Add(CacheChange.Deleted(Object("fleeting", i + 1)));
            queue.Add(CacheChange.Deleted(Object("known", i)));
            queue.Add(CacheChange.Added(Object("known", i + 1)));
        }

        Assert.InRange(queue.Count, HandlerQueue.WholeChanges, HandlerQueue.WholeChanges + 3);
        queue.Add(CacheChange.Updated(Object("known", 6999), Object("known", 8000)));
        queue.MarkSynced();
        gate.Set();
        await queue.Synced.WaitAsync(ScriptedApiServer.Patience, Cancel);
        Assert.DoesNotContain(told, t => t.Contains("fleeting", StringComparison.Ordinal));
        Assert.Equal(["Added known >1", "Deleted known 5000>", "Added known >8000"], told.Where(t => t.Contains(" known ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_handler_that_is_removed_is_told_no_more()
    {
        await using var run = new InformerRun();
        var told = 0;
        var registration = run.Informer.AddHandler(_ => told++);
        var watch = await run.StartAsync(10, WireText.Object("a", 5));
        await run.Informer.WaitForSyncAsync(Cancel);
        await run.ToldAsync();
        registration.Dispose();
        await watch.SendAsync(WireText.Modified("a", 11));
        await run.ToldAsync();
        Assert.Equal(1, told);
    }
}
