using Capstan.Queueing;
using Xunit;

namespace Capstan.Runtime.Tests.Queueing;

public sealed class WorkQueueTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly WorkQueue<string> queue;

    public WorkQueueTests() => queue = new(new() { TimeProvider = time });

    public void Dispose() => queue.Dispose();

    [Fact]
    public void Gives_keys_in_the_order_of_their_first_add()
    {
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");

        Assert.Equal(2, queue.Depth);
        Assert.Equal(["a", "b"], [Take(), Take()]);
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public void Trap24_a_key_added_while_it_runs_runs_exactly_once_more()
    {
        queue.Add("a");
        Take();
        queue.Add("a");
        queue.Add("a");
        Assert.False(queue.GetAsync(TestContext.Current.CancellationToken).IsCompleted, "a second worker got the running key");

        queue.Done("a");
        Assert.Equal(1, queue.Running); // handed to the worker that waits
        queue.Done("a");
        Assert.Equal((0, 0), (queue.Depth, queue.Running));
    }

    [Fact]
    public void A_change_during_the_backoff_runs_at_once()
    {
        queue.AddAfter("a", TimeSpan.FromSeconds(1000), Priority.Retry);
        Assert.Equal((0, 1), (queue.Depth, queue.Delayed));

        queue.Add("a");
        Assert.Equal((1, 0), (queue.Depth, queue.Delayed));
        Take();
        queue.Done("a");
        time.Advance(TimeSpan.FromSeconds(2000));
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public void A_change_during_a_run_that_fails_runs_right_after_it()
    {
        queue.Add("a");
        Take();
        queue.Add("a");
        queue.AddRateLimited("a");
        queue.Done("a");
        Assert.Equal((1, 0), (queue.Depth, queue.Delayed));
        Assert.Equal(1, queue.Failures("a"));
    }

    [Fact]
    public void Trap24_the_earliest_of_several_times_counts()
    {
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.AddAfter("a", TimeSpan.FromSeconds(20));

        time.Advance(TimeSpan.FromSeconds(4.999));
        Assert.Equal(0, queue.Depth);
        time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal(1, queue.Depth);
        Take();
        queue.Done("a");
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public void A_delay_asked_for_during_the_run_is_kept_after_it()
    {
        queue.Add("a");
        Take();
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.Done("a");
        Assert.Equal((0, 1), (queue.Depth, queue.Delayed));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, queue.Depth);
    }

    [Fact]
    public void A_delay_that_ends_during_the_run_runs_after_it()
    {
        queue.Add("a");
        Take();
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(0, queue.Depth);
        queue.Done("a");
        Assert.Equal(1, queue.Depth);
    }

    [Fact]
    public void Trap24_the_highest_of_several_priorities_counts()
    {
        queue.Add("a", Priority.Resync);
        queue.Add("b", Priority.Drift);
        queue.Add("c", Priority.Retry);
        queue.Add("a", Priority.UserChange);
        queue.Add("b", Priority.Resync);

        Assert.Equal([("a", Priority.UserChange), ("c", Priority.Retry), ("b", Priority.Drift)], [TakeItem(), TakeItem(), TakeItem()]);
    }

    [Fact]
    public void Trap24_a_raised_key_goes_behind_those_that_had_the_priority_before_it()
    {
        queue.Add("a", Priority.Resync);
        time.Advance(TimeSpan.FromSeconds(1));
        queue.Add("b");
        time.Advance(TimeSpan.FromSeconds(1));
        queue.Add("a");

        Assert.Equal(["b", "a"], [Take(), Take()]);
    }

    [Fact]
    public void Trap24_a_delayed_key_takes_its_place_when_it_becomes_ready_not_when_it_was_added()
    {
        queue.AddAfter("delayed", TimeSpan.FromSeconds(5), Priority.UserChange);
        time.Advance(TimeSpan.FromSeconds(4));
        queue.Add("before");
        time.Advance(TimeSpan.FromSeconds(1));
        queue.Add("behind");
        Assert.Equal(["before", "delayed", "behind"], [Take(), Take(), Take()]);
    }

    [Fact]
    public void Trap24_a_key_that_runs_again_takes_its_place_when_its_run_ends()
    {
        queue.Add("again");
        Take();
        queue.Add("again");
        time.Advance(TimeSpan.FromSeconds(1));
        queue.Add("other");
        time.Advance(TimeSpan.FromSeconds(1));
        queue.Done("again");
        Assert.Equal(["other", "again"], [Take(), Take()]);
    }

    [Fact]
    public void Trap24_only_ready_keys_count_as_depth()
    {
        using var metrics = new MetricsReading();
        using var counted = new WorkQueue<string>(new() { TimeProvider = time, Meter = metrics.Meter });
        counted.Add("running");
        counted.GetAsync(TestContext.Current.CancellationToken);
        counted.Add("running");
        counted.AddAfter("delayed", TimeSpan.FromSeconds(5), Priority.Drift);
        counted.Add("ready", Priority.Resync);
        Assert.Equal((1, 1, 1), (counted.Depth, counted.Running, counted.Delayed));
        Assert.Equal("0 0 1 0", Depths());
        time.Advance(TimeSpan.FromSeconds(5));
        counted.Done("running");
        Assert.Equal("1 0 1 1", Depths());

        string Depths() => string.Join(' ', new[] { "Drift", "Retry", "Resync", "UserChange" }.Select(priority => metrics[$$"""workqueue_depth{name="queue",controller="queue",priority="{{priority}}"}"""]));
    }

    [Fact]
    public async Task The_most_urgent_of_keys_that_come_due_together_goes_to_the_worker_that_waits()
    {
        queue.AddAfter("slight", TimeSpan.FromSeconds(1), Priority.Resync);
        queue.AddAfter("urgent", TimeSpan.FromSeconds(1), Priority.UserChange);
        var waiting = queue.GetAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, queue.Depth);
        Assert.Equal("urgent", (await waiting).Key);
    }

    [Fact]
    public async Task The_wait_ends_and_the_work_begins_when_a_worker_picks_the_key_up()
    {
        using var metrics = new MetricsReading();
        using var measured = new WorkQueue<string>(new() { TimeProvider = time, Meter = metrics.Meter });
        var idle = measured.GetAsync(TestContext.Current.CancellationToken);
        measured.Add("handed to an idle worker");
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(("0", "1"), (metrics["""workqueue_unfinished_work_seconds{name="queue",controller="queue"}"""], $"{measured.Running}"));
        Assert.True((await idle).HasKey);
        measured.Add("taken from the queue");
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(measured.TryGet(out _));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("7", metrics["""workqueue_queue_duration_seconds_sum{name="queue",controller="queue"}"""]);
        Assert.Equal("2", metrics["""workqueue_queue_duration_seconds_count{name="queue",controller="queue"}"""]);
        Assert.Equal("14", metrics["""workqueue_unfinished_work_seconds{name="queue",controller="queue"}"""]);
        Assert.Equal("9", metrics["""workqueue_longest_running_processor_seconds{name="queue",controller="queue"}"""]);
        measured.Done("handed to an idle worker");
        measured.Done("taken from the queue");
        Assert.Equal("14", metrics["""workqueue_work_duration_seconds_sum{name="queue",controller="queue"}"""]);
    }

    [Fact]
    public void What_has_waited_long_overtakes_a_higher_priority()
    {
        queue.Add("old", Priority.Resync);
        time.Advance(TimeSpan.FromSeconds(29));
        queue.Add("new-1");
        Assert.Equal("new-1", Take());
        time.Advance(TimeSpan.FromSeconds(2));
        queue.Add("new-2");
        Assert.Equal(["old", "new-2"], [Take(), Take()]);
    }

    [Fact]
    public void An_ageing_step_of_any_length_keeps_the_priorities_in_order()
    {
        using var strict = new WorkQueue<string>(new() { TimeProvider = time, AgeingStep = TimeSpan.MaxValue });
        strict.Add("old", Priority.Resync);
        time.Advance(TimeSpan.FromDays(1000));
        strict.Add("new");
        Assert.True(strict.TryGet(out var first) && strict.TryGet(out _));
        Assert.Equal("new", first.Key);
    }

    [Fact]
    public void Raising_an_old_key_does_not_throw_it_back()
    {
        queue.Add("old", Priority.Resync);
        time.Advance(TimeSpan.FromSeconds(60));
        queue.Add("new");
        queue.Add("old");
        Assert.Equal([("old", Priority.UserChange), ("new", Priority.UserChange)], [TakeItem(), TakeItem()]);
    }

    [Fact]
    public void A_priority_is_of_one_run_only()
    {
        queue.Add("a", Priority.UserChange);
        Take();
        queue.AddAfter("a", TimeSpan.FromSeconds(1), Priority.Resync);
        queue.Done("a");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(("a", Priority.Resync), TakeItem());
    }

    [Theory]
    [InlineData(49.8)] // just beyond what a system timer takes
    [InlineData(100_000)]
    [InlineData(10_675_199)] // TimeSpan.MaxValue
    public void Trap25_very_long_delays_neither_end_early_nor_throw(double days)
    {
        var delay = days > 10_000_000 ? TimeSpan.MaxValue : TimeSpan.FromDays(days);
        queue.AddAfter("far", delay);
        queue.AddAfter("near", TimeSpan.FromDays(2));
        time.Advance(TimeSpan.FromDays(49));
        Assert.Equal((1, 1), (queue.Depth, queue.Delayed));
        Assert.Equal("near", Take());
    }

    [Fact]
    public void Trap25_failures_lengthen_the_delay_up_to_its_maximum_and_never_drop_the_key()
    {
        queue.Add("a");
        for (var failure = 0; failure < 100; failure++)
        {
            Take();
            queue.AddRateLimited("a");
            queue.Done("a");
            var delay = TimeSpan.FromMilliseconds(Math.Min(5 * Math.Pow(2, failure), 1_000_000));
            Assert.InRange(time.NextTimer!.Value, delay, delay + TimeSpan.FromMilliseconds(1));
            time.Advance(delay - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, queue.Depth);
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, queue.Depth);
        }

        Assert.Equal(100, queue.Failures("a"));
    }

    [Fact]
    public void Trap24_done_does_not_forget_and_forget_does_not_finish()
    {
        queue.Add("a");
        Take();
        queue.AddRateLimited("a");
        queue.Done("a");
        Assert.Equal(1, queue.Failures("a"));

        queue.Forget("a");
        Assert.Equal(0, queue.Failures("a"));
        Assert.Equal(1, queue.Delayed);
        time.Advance(TimeSpan.FromMilliseconds(5));
        Take();
        queue.Forget("a");
        Assert.Equal(1, queue.Running);
    }

    [Fact]
    public void Done_of_a_key_that_nobody_has_is_a_mistake()
    {
        queue.Add("a");
        Assert.Throws<InvalidOperationException>(() => queue.Done("a"));
        Assert.Throws<InvalidOperationException>(() => queue.Done("b"));
    }

    [Fact]
    public async Task A_worker_that_waits_gets_the_next_key()
    {
        var waiting = queue.GetAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(waiting.IsCompleted);
        queue.Add("a");
        Assert.Equal("a", (await waiting).Key);
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public async Task A_worker_that_gives_up_waiting_takes_no_key_with_it()
    {
        using var cancellation = new CancellationTokenSource();
        var first = queue.GetAsync(cancellation.Token).AsTask();
        var second = queue.GetAsync(TestContext.Current.CancellationToken).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        queue.Add("a");
        Assert.Equal("a", (await second).Key);
    }

    [Fact]
    public async Task Trap24_shutdown_releases_every_worker_and_hands_out_nothing_more()
    {
        var workers = Enumerable.Range(0, 10).Select(_ => queue.GetAsync().AsTask()).ToArray();
        queue.AddAfter("later", TimeSpan.FromSeconds(1));
        queue.ShutDown();
        Assert.All(await Task.WhenAll(workers), item => Assert.False(item.HasKey));

        queue.Add("a");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, queue.Depth);
        Assert.False((await queue.GetAsync(TestContext.Current.CancellationToken)).HasKey);
    }

    [Fact]
    public void Work_under_way_may_be_given_back_after_the_shutdown()
    {
        queue.Add("a");
        Take();
        queue.Add("a");
        queue.ShutDown();
        queue.Done("a");
        Assert.Equal(0, queue.Running);
    }

    [Fact]
    public void All_delays_share_one_timer()
    {
        var counting = new CountingTime(time);
        using var large = new WorkQueue<int>(new() { TimeProvider = counting });
        for (var i = 0; i < 10_000; i++)
        {
            large.AddAfter(i, TimeSpan.FromSeconds(1 + (i * 7919 % 10_000)));
        }

        for (var second = 1; second <= 10_000; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(second, large.Depth);
        }

        Assert.Equal(1, counting.Timers);
    }

    [Fact]
    public void A_double_add_allocates_nothing_and_so_does_a_whole_turn()
    {
        var keys = Enumerable.Range(0, 100).Select(i => $"key-{i}").ToArray();
        Turn(keys);
        Assert.Equal(0, Allocated.By(() => Turn(keys)));

        void Turn(string[] turn)
        {
            foreach (var key in turn)
            {
                queue.Add(key);
                queue.Add(key);
            }

            foreach (var _ in turn)
            {
                queue.Done(queue.GetAsync().Result.Key);
            }
        }
    }

    private string Take() => TakeItem().Key;

    private (string Key, Priority Priority) TakeItem()
    {
        var item = queue.GetAsync(TestContext.Current.CancellationToken);
        Assert.True(item.IsCompletedSuccessfully, "no key is ready");
        return (item.Result.Key, item.Result.Priority);
    }

    private sealed class CountingTime(ManualTime inner) : TimeProvider
    {
        public int Timers { get; private set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timers++;
            return inner.CreateTimer(callback, state, dueTime, period);
        }
    }
}
