using System.Collections.Concurrent;
using Capstan.Controllers;
using Capstan.Queueing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

public sealed class BatchTests : IDisposable
{
    private readonly ManualTime time = new();
    private readonly MetricsReading metrics = new();
    private readonly CancellationTokenSource abort = new();
    private readonly Batches batches = new();
    private Controller controller = null!;
    private Task running = Task.CompletedTask;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        controller.Queue.ShutDown();
        abort.Cancel();
        abort.Dispose();
        metrics.Dispose();
    }

    [Fact]
    public async Task Keys_that_are_ready_come_at_once_up_to_the_bound_and_in_their_turn()
    {
        batches.Size = 3;
        Build();
        Add("a", "b", "c", "d", "e");
        controller.Queue.Add(Key("urgent"), (Priority)3);
        controller.Queue.Add(Key("slight"), Priority.Resync);
        batches.Run = (batch, _) => Settle(batch);
        Start();
        await RestAsync();
        Assert.Equal(["a b c", "d e urgent", "slight"], batches.Seen);
        Assert.Equal("7", metrics["""controller_runtime_reconcile_total{controller="test",result="success"}"""]);
        Assert.Equal("3", metrics["""controller_runtime_reconcile_time_seconds_count{controller="test"}"""]);
        Assert.Equal("0", metrics["""controller_runtime_active_workers{controller="test"}"""]);
    }

    [Fact]
    public async Task One_that_fails_does_not_fail_its_neighbours()
    {
        Build();
        Add("done", "failed", "later", "terminal", "again", "forgotten");
        batches.Run = (batch, _) =>
        {
            batch.Settle(Key("done"), ReconcileResult.Done);
            batch.Fail(Key("failed"), new IOException("not yet"));
            batch.Settle(Key("later"), ReconcileResult.After(TimeSpan.FromHours(1)));
            batch.Fail(Key("terminal"), new TerminalException("never"));
            batch.Settle(Key("again"), ReconcileResult.Requeue);
            throw new InvalidDataException("and the rest");
        };
        Start();
        await RestAsync();
        Assert.Equal((0, 1, 0, 0, 1, 1), (Failures("done"), Failures("failed"), Failures("later"), Failures("terminal"), Failures("again"), Failures("forgotten")));
        Assert.Equal(4, controller.Queue.Delayed);
        foreach (var (result, count) in new[] { ("success", "1"), ("error", "3"), ("requeue", "1"), ("requeue_after", "1") })
        {
            Assert.Equal(count, metrics[$$"""controller_runtime_reconcile_total{controller="test",result="{{result}}"}"""]);
        }

        Assert.Equal("1", metrics["""controller_runtime_terminal_reconcile_errors_total{controller="test"}"""]);
    }

    [Fact]
    public async Task Trap25_of_a_result_and_an_error_the_error_wins_in_either_order()
    {
        Build();
        Add("error-last", "error-first");
        batches.Run = (batch, _) =>
        {
            batch.Settle(Key("error-last"), ReconcileResult.After(TimeSpan.FromDays(1)));
            batch.Fail(Key("error-last"), new IOException("not yet"));
            batch.Fail(Key("error-first"), new IOException("not yet"));
            batch.Settle(Key("error-first"), ReconcileResult.After(TimeSpan.FromDays(1)));
            return Task.CompletedTask;
        };
        Start();
        await RestAsync();
        Assert.Equal((1, 1, 2), (Failures("error-last"), Failures("error-first"), controller.Queue.Delayed));
        time.Advance(TimeSpan.FromMilliseconds(5));
        await RestAsync();
        Assert.Equal(2, batches.Seen.SelectMany(batch => batch.Split(' ')).Count(name => name == "error-first"));
    }

    [Fact]
    public async Task A_key_without_an_answer_is_tried_again()
    {
        Build();
        Add("a");
        batches.Run = (_, _) => Task.CompletedTask;
        Start();
        await RestAsync();
        Assert.Equal((1, 1), (Failures("a"), controller.Queue.Delayed));
    }

    [Fact]
    public async Task Groups_are_batches_of_their_own_and_run_side_by_side_up_to_the_bound()
    {
        var inside = new ConcurrentDictionary<string, TaskCompletionSource>();
        batches.Group = key => key.Name.Split('-')[0];
        Build(c => c.MaxConcurrentReconciles = 2);
        Add("create-1", "update-1", "create-2", "other-1", "update-2");
        batches.Run = async (batch, _) =>
        {
            var leave = inside[batch.Group] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await leave.Task;
            await Settle(batch);
        };
        Start();
        await UntilAsync(() => inside.Count == 2);
        Assert.Equal(["create", "update"], inside.Keys.Order());
        Assert.Equal("2", metrics["""controller_runtime_active_workers{controller="test"}"""]);
        inside["update"].SetResult();
        await UntilAsync(() => inside.ContainsKey("other"));
        inside["create"].SetResult();
        inside["other"].SetResult();
        await RestAsync();
        Assert.Equal(["create-1 create-2", "other-1", "update-1 update-2"], batches.Seen.Order());
    }

    [Fact]
    public async Task While_all_workers_are_busy_keys_stay_in_the_queue()
    {
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = 0;
        Build();
        batches.Run = async (batch, _) =>
        {
            Interlocked.Increment(ref entered);
            await leave.Task;
            await Settle(batch);
        };
        Start();
        Add("first");
        await UntilAsync(() => Volatile.Read(ref entered) == 1);
        Add("second", "third", "first");
        Assert.Equal((2, 1), (controller.Queue.Depth, controller.Queue.Running));
        leave.SetResult();
        await RestAsync();
        Assert.Equal(["first", "second third first"], batches.Seen);
    }

    [Fact]
    public async Task A_group_that_cannot_be_told_fails_its_key_only()
    {
        batches.Group = key => key.Name == "odd" ? throw new FormatException("no group") : "";
        Build();
        Add("odd", "even");
        batches.Run = (batch, _) => Settle(batch);
        Start();
        await RestAsync();
        Assert.Equal((1, 0), (Failures("odd"), Failures("even")));
        Assert.Equal(["even"], batches.Seen);
        Add("next");
        await RestAsync();
        Assert.Equal(["even", "next"], batches.Seen);
    }

    [Fact]
    public async Task A_timeout_fails_those_that_have_no_answer()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Build(c => c.ReconcileTimeout = TimeSpan.FromSeconds(30));
        Add("done", "stuck");
        batches.Run = async (batch, token) =>
        {
            batch.Settle(Key("done"), ReconcileResult.Done);
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        Start();
        await entered.Task.WaitAsync(Patience);
        time.Advance(TimeSpan.FromSeconds(30));
        await RestAsync();
        Assert.Equal((0, 1), (Failures("done"), Failures("stuck")));
        Assert.Equal("1", metrics["""controller_runtime_reconcile_timeouts_total{controller="test"}"""]);
    }

    [Fact]
    public async Task A_stop_lets_batches_end_and_an_abort_is_no_error()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        batches.Group = key => key.Name;
        Build();
        Add("answered", "not-begun");
        batches.Run = async (batch, token) =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        Start();
        await entered.Task.WaitAsync(Patience);
        controller.Queue.ShutDown();
        Assert.False(running.IsCompleted);
        await abort.CancelAsync();
        await running.WaitAsync(Patience);
        Assert.Equal((0, 0), (controller.Queue.Running, Failures("answered")));
        Assert.Equal(["answered"], batches.Seen);
        Assert.Equal("0", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
        Assert.Equal("0", metrics["""controller_runtime_active_workers{controller="test"}"""]);
    }

    [Fact]
    public async Task Keys_of_other_replicas_are_let_go_and_a_lost_permit_ends_the_batch()
    {
        using var lost = new CancellationTokenSource();
        var ended = 0;
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Build();
        controller.Admission = new(_ => true, key => key.Name == "theirs" ? null : new WorkPermit(key.Name == "lost" ? lost.Token : CancellationToken.None, () => Interlocked.Increment(ref ended)));
        Add("ours", "theirs", "lost");
        controller.Queue.AddRateLimited(Key("theirs"));
        batches.Run = async (batch, token) =>
        {
            batch.Settle(Key("ours"), ReconcileResult.After(TimeSpan.FromHours(1)));
            entered.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        Start();
        await entered.Task.WaitAsync(Patience);
        Assert.Equal(0, ended);
        await lost.CancelAsync();
        await RestAsync();
        await UntilAsync(() => Volatile.Read(ref ended) == 2);
        Assert.Equal(["ours lost"], batches.Seen);
        Assert.Equal((0, 0, 1), (Failures("theirs"), Failures("lost"), controller.Queue.Delayed));
        Assert.Equal("0", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
    }

    [Fact]
    public async Task Answers_that_make_no_sense_are_refused()
    {
        ReconcileBatch? late = null;
        Exception? foreign = null;
        Build();
        Add("a");
        batches.Run = (batch, _) =>
        {
            late = batch;
            foreign = Record.Exception(() => batch.Settle(Key("b"), ReconcileResult.Done));
            return Settle(batch);
        };
        Start();
        await RestAsync();
        Assert.IsType<ArgumentException>(foreign);
        Assert.Throws<InvalidOperationException>(() => late!.Settle(Key("a"), ReconcileResult.Done));
    }

    [Fact]
    public async Task For_each_answers_for_each()
    {
        Build();
        Add([.. Enumerable.Range(0, 20).Select(i => $"{i}")]);
        var (inside, most) = (0, 0);
        batches.Run = (batch, token) => batch.ForEachAsync(
            3,
            async (key, _) =>
            {
                lock (batches)
                {
                    most = Math.Max(most, ++inside);
                }

                await Task.Yield();
                lock (batches)
                {
                    inside--;
                }

                return key.Name == "7" ? throw new IOException("not yet") : ReconcileResult.Done;
            },
            token);
        Start();
        await RestAsync();
        Assert.InRange(most, 1, 3);
        Assert.Equal("19", metrics["""controller_runtime_reconcile_total{controller="test",result="success"}"""]);
        Assert.Equal((1, 0), (Failures("7"), Failures("8")));
    }

    [Fact]
    public async Task Under_load_every_change_is_followed_by_a_batch_and_no_key_is_in_two()
    {
        const int keys = 40;
        var version = new int[keys];
        var seen = new int[keys];
        var inside = new int[keys];
        var collisions = 0;
        batches.Size = 7;
        batches.Group = key => (int.Parse(key.Name, null) % 3).ToString((IFormatProvider?)null);
        Build(c => c.MaxConcurrentReconciles = 4);
        batches.Run = async (batch, _) =>
        {
            foreach (var key in batch.Keys.Select(key => int.Parse(key.Name, null)))
            {
                collisions += Interlocked.Increment(ref inside[key]) == 1 ? 0 : 1;
                Volatile.Write(ref seen[key], Volatile.Read(ref version[key]));
            }

            await Task.Yield();
            foreach (var key in batch.Keys.Select(key => int.Parse(key.Name, null)))
            {
                Interlocked.Decrement(ref inside[key]);
            }

            await Settle(batch);
        };
        Start();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(adder => Task.Run(() =>
        {
            var random = new Random(adder);
            for (var i = 0; i < 5000; i++)
            {
                var key = random.Next(keys);
                Interlocked.Increment(ref version[key]);
                Add($"{key}");
            }
        })));
        await RestAsync();
        Assert.Equal(0, collisions);
        Assert.Equal(version, seen);
    }

    private static ObjectKey Key(string name) => new("default", name);

    private static Task Settle(ReconcileBatch batch)
    {
        foreach (var key in batch.Keys)
        {
            batch.Settle(key, ReconcileResult.Done);
        }

        return Task.CompletedTask;
    }

    private int Failures(string name) => controller.Queue.Failures(Key(name));

    private void Add(params string[] names) => Array.ForEach(names, name => controller.Queue.Add(Key(name)));

    private void Build(Action<ControllerBuilder>? configure = null)
    {
        var builder = new ControllerBuilder("test") { BatchReconciler = batches };
        configure?.Invoke(builder);
        builder.Validate();
        controller = new(builder, metrics.Meter, time, NullLoggerFactory.Instance);
    }

    private void Start() => running = controller.RunAsync(abort.Token);

    private Task RestAsync() => UntilAsync(() => controller.Queue is { Depth: 0, Running: 0 });

    private static async Task UntilAsync(Func<bool> reached)
    {
        while (!reached())
        {
            await Task.Yield();
            Patience.ThrowIfCancellationRequested();
        }
    }

    private sealed class Batches : BatchReconciler
    {
        public int Size { get; set; } = 100;

        public Func<ObjectKey, string> Group { get; set; } = _ => "";

        public Func<ReconcileBatch, CancellationToken, Task> Run { get; set; } = null!;

        public ConcurrentQueue<string> Seen { get; } = new();

        public override int MaxBatchSize => Size;

        public override string GroupOf(ObjectKey key) => Group(key);

        public override Task ReconcileAsync(ReconcileBatch batch, CancellationToken cancellationToken)
        {
            Seen.Enqueue(string.Join(' ', batch.Keys.Select(key => key.Name)));
            return Run(batch, cancellationToken);
        }
    }
}
