using System.Collections.Concurrent;
using Capstan.Controllers;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

public sealed class ControllerTests : IDisposable
{
    private static readonly ObjectKey A = new("default", "a");
    private static readonly ObjectKey B = new("default", "b");
    private readonly ManualTime time = new();
    private readonly MetricsReading metrics = new();
    private readonly CancellationTokenSource abort = new();
    private readonly ConcurrentQueue<ObjectKey> runs = new();
    private Controller? controller;
    private Task running = Task.CompletedTask;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        controller?.Queue.ShutDown();
        abort.Cancel();
        abort.Dispose();
        metrics.Dispose();
    }

    [Fact]
    public async Task A_run_that_is_done_ends_the_backoff()
    {
        var failures = 0;
        Start(_ => ++failures <= 2 ? throw new IOException("not yet") : Task.FromResult(ReconcileResult.Done));
        controller!.Queue.Add(A);
        await RestAsync();
        time.Advance(TimeSpan.FromMilliseconds(5));
        await RestAsync();
        Assert.Equal(2, controller.Queue.Failures(A));
        time.Advance(TimeSpan.FromMilliseconds(10));
        await RestAsync();
        Assert.Equal(0, controller.Queue.Failures(A));
        Assert.Equal(3, runs.Count);
        Assert.Equal("2", metrics["""controller_runtime_reconcile_total{controller="test",result="error"}"""]);
        Assert.Equal("2", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
        Assert.Equal("1", metrics["""controller_runtime_reconcile_total{controller="test",result="success"}"""]);
    }

    [Fact]
    public async Task Requeue_keeps_the_backoff_growing_and_counts_as_no_error()
    {
        Start(_ => Task.FromResult(ReconcileResult.Requeue));
        controller!.Queue.Add(A);
        await RestAsync();
        time.Advance(TimeSpan.FromMilliseconds(5));
        await RestAsync();
        Assert.Equal((2, 2), (controller.Queue.Failures(A), runs.Count));
        Assert.Equal("2", metrics["""controller_runtime_reconcile_total{controller="test",result="requeue"}"""]);
        Assert.Equal("0", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
    }

    [Fact]
    public async Task After_comes_back_then_and_a_change_comes_before()
    {
        Start(_ => Task.FromResult(ReconcileResult.After(TimeSpan.FromHours(1))));
        controller!.Queue.Add(A);
        await RestAsync();
        time.Advance(TimeSpan.FromMinutes(59));
        await RestAsync();
        Assert.Single(runs);
        time.Advance(TimeSpan.FromMinutes(1));
        await RestAsync();
        Assert.Equal(2, runs.Count);
        controller.Queue.Add(A);
        await RestAsync();
        Assert.Equal(3, runs.Count);
        Assert.Equal("3", metrics["""controller_runtime_reconcile_total{controller="test",result="requeue_after"}"""]);
    }

    [Fact]
    public async Task A_terminal_error_is_not_tried_again_until_something_changes()
    {
        Start(_ => throw new TerminalException("the spec makes no sense"));
        controller!.Queue.Add(A);
        await RestAsync();
        time.Advance(TimeSpan.FromDays(1));
        await RestAsync();
        Assert.Single(runs);
        Assert.Equal("1", metrics["""controller_runtime_terminal_reconcile_errors_total{controller="test"}"""]);
        Assert.Equal("1", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
        controller.Queue.Add(A);
        await RestAsync();
        Assert.Equal(2, runs.Count);
    }

    [Fact]
    public async Task A_bug_in_one_run_harms_no_other_key()
    {
        Start(key => key == A ? throw new NullReferenceException() : Task.FromResult(ReconcileResult.Done));
        controller!.Queue.Add(A);
        controller.Queue.Add(B);
        await RestAsync();
        Assert.Equal([A, B], runs.Order());
        Assert.Equal("1", metrics["""controller_runtime_reconcile_panics_total{controller="test"}"""]);
        Assert.Equal("1", metrics["""controller_runtime_reconcile_total{controller="test",result="success"}"""]);
        Assert.Equal(1, controller.Queue.Failures(A));
        time.Advance(TimeSpan.FromMilliseconds(5));
        await RestAsync();
        Assert.Equal(3, runs.Count);
    }

    [Fact]
    public async Task A_run_over_its_timeout_is_cancelled_and_comes_back_after_the_backoff()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(
            async (_, token) =>
            {
                entered.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return ReconcileResult.Done;
            },
            c => c.ReconcileTimeout = TimeSpan.FromSeconds(30));
        controller!.Queue.Add(A);
        await entered.Task.WaitAsync(Patience);
        Assert.Equal("1", metrics["""controller_runtime_active_workers{controller="test"}"""]);
        time.Advance(TimeSpan.FromSeconds(30));
        await RestAsync();
        Assert.Equal("1", metrics["""controller_runtime_reconcile_timeouts_total{controller="test"}"""]);
        Assert.Equal("1", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
        Assert.Equal("0", metrics["""controller_runtime_active_workers{controller="test"}"""]);
        Assert.Equal((1, 1), (controller.Queue.Failures(A), controller.Queue.Delayed));
    }

    [Fact]
    public async Task A_stop_lets_runs_end_and_starts_none()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(async (_, _) =>
        {
            entered.TrySetResult();
            await leave.Task;
            return ReconcileResult.Done;
        });
        controller!.Queue.Add(A);
        await entered.Task.WaitAsync(Patience);
        controller.Queue.Add(A);
        controller.Queue.Add(B);
        controller.Queue.ShutDown();
        Assert.False(running.IsCompleted);
        leave.SetResult();
        await running.WaitAsync(Patience);
        Assert.Equal([A], runs);
    }

    [Fact]
    public async Task An_aborted_run_is_neither_an_error_nor_tried_again()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(async (_, token) =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return ReconcileResult.Done;
        });
        controller!.Queue.Add(A);
        await entered.Task.WaitAsync(Patience);
        controller.Queue.ShutDown();
        await abort.CancelAsync();
        await running.WaitAsync(Patience);
        Assert.Equal("0", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
        Assert.Equal("0", metrics["""controller_runtime_active_workers{controller="test"}"""]);
        Assert.Equal(0, controller.Queue.Failures(A));
    }

    [Fact]
    public async Task No_more_runs_at_a_time_than_asked_for()
    {
        var inside = 0;
        var most = 0;
        Start(
            async (_, _) =>
            {
                var now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                return ReconcileResult.Done;
            },
            c => c.MaxConcurrentReconciles = 3);
        for (var i = 0; i < 500; i++)
        {
            controller!.Queue.Add(new("default", $"key-{i}"));
        }

        await RestAsync();
        Assert.Equal(500, runs.Count);
        Assert.InRange(most, 1, 3);
        Assert.Equal("3", metrics["""controller_runtime_max_concurrent_reconciles{controller="test"}"""]);
    }

    [Fact]
    public async Task As_many_runs_at_a_time_as_asked_for_each_of_another_key()
    {
        var inside = new ConcurrentDictionary<ObjectKey, TaskCompletionSource<ReconcileResult>>();
        Start(key => (inside[key] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task, c => c.MaxConcurrentReconciles = 3);
        for (var i = 0; i < 4; i++)
        {
            controller!.Queue.Add(new("default", $"{i}"));
        }

        while (inside.Count < 3)
        {
            await Task.Yield();
            Patience.ThrowIfCancellationRequested();
        }

        Assert.Equal((3, 1), (controller!.Queue.Running, controller.Queue.Depth));
        Assert.Equal("3", metrics["""controller_runtime_active_workers{controller="test"}"""]);
        foreach (var leave in inside.Values)
        {
            controller.Queue.Add(inside.First(one => one.Value == leave).Key);
            leave.SetResult(ReconcileResult.Done);
        }

        while (inside.Values.Any(one => !one.Task.IsCompleted) || controller.Queue is not { Depth: 0, Running: 0 })
        {
            inside.Values.ToList().ForEach(one => one.TrySetResult(ReconcileResult.Done));
            await Task.Yield();
            Patience.ThrowIfCancellationRequested();
        }

        Assert.Equal(7, runs.Count);
    }

    [Fact]
    public void Every_series_exists_before_the_first_run()
    {
        Start(_ => Task.FromResult(ReconcileResult.Done));
        var page = metrics.Render();
        foreach (var result in (string[])["success", "error", "requeue", "requeue_after"])
        {
            Assert.Contains($$"""controller_runtime_reconcile_total{controller="test",result="{{result}}"} 0""", page, StringComparison.Ordinal);
        }

        foreach (var name in (string[])["reconcile_errors_total", "terminal_reconcile_errors_total", "reconcile_panics_total", "reconcile_timeouts_total", "active_workers"])
        {
            Assert.Contains($$"""controller_runtime_{{name}}{controller="test"} 0""", page, StringComparison.Ordinal);
        }

        foreach (var priority in Enum.GetNames<Priority>())
        {
            Assert.Contains($$"""workqueue_depth{name="test",controller="test",priority="{{priority}}"} 0""", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Trap25_a_failure_counts_more_than_a_time_that_was_asked_for_before()
    {
        // The run before asked for the next in an hour; this one fails, so the backoff counts and not the hour.
        var runsSoFar = 0;
        Start(_ => ++runsSoFar == 2 ? throw new IOException("not now") : Task.FromResult(ReconcileResult.After(TimeSpan.FromHours(1))));
        controller!.Queue.Add(A);
        await RestAsync();
        controller.Queue.Add(A);
        await RestAsync();
        Assert.Equal((1, 2), (controller.Queue.Failures(A), runs.Count));
        time.Advance(TimeSpan.FromMilliseconds(5));
        await RestAsync();
        Assert.Equal(3, runs.Count);
    }

    [Fact]
    public async Task Trap25_a_key_that_always_fails_is_tried_for_ever()
    {
        Start(_ => throw new IOException("never"), c => c.RateLimiter = new ExponentialBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8)));
        controller!.Queue.Add(A);
        await RestAsync();
        for (var run = 2; run <= 200; run++)
        {
            time.Advance(TimeSpan.FromSeconds(8));
            await RestAsync();
            Assert.Equal(run, runs.Count);
        }
    }

    [Fact]
    public async Task Trap25_a_periodic_requeue_is_up_to_a_tenth_late_by_chance()
    {
        Start(_ => Task.FromResult(ReconcileResult.Every(TimeSpan.FromHours(10))));
        var keys = Enumerable.Range(0, 200).Select(i => new ObjectKey("default", $"{i:000}")).ToList();
        keys.ForEach(key => controller!.Queue.Add(key));
        await RestAsync();
        runs.Clear();
        time.Advance(TimeSpan.FromHours(10) - TimeSpan.FromTicks(1));
        await RestAsync();
        Assert.Empty(runs);
        var counts = new List<int>();
        for (var quarter = 0; quarter < 4; quarter++)
        {
            time.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromTicks(1));
            await RestAsync();
            counts.Add(runs.Count);
        }

        Assert.Equal(keys, runs.Order());
        Assert.All(counts.Zip(counts.Prepend(0), (now, before) => now - before), count => Assert.InRange(count, 20, 80));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(10_675_199)]
    public async Task Trap25_a_timeout_beyond_what_timers_take_is_none(double days)
    {
        Start(_ => Task.FromResult(ReconcileResult.Done), c => c.ReconcileTimeout = days > 1000 ? TimeSpan.MaxValue : TimeSpan.FromDays(days));
        controller!.Queue.Add(A);
        await RestAsync();
        Assert.Equal("1", metrics["""controller_runtime_reconcile_total{controller="test",result="success"}"""]);
    }

    [Fact]
    public async Task Trap25_a_requeue_after_the_longest_time_neither_fails_nor_comes_early()
    {
        Start(_ => Task.FromResult(ReconcileResult.Every(TimeSpan.MaxValue)));
        controller!.Queue.Add(A);
        await RestAsync();
        time.Advance(TimeSpan.FromDays(1000));
        await RestAsync();
        Assert.Equal((1, 1), (runs.Count, controller.Queue.Delayed));
        Assert.Equal("0", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
    }

    [Fact]
    public async Task A_rate_limiter_that_throws_loses_no_key_and_stops_no_worker()
    {
        Start(_ => throw new IOException("not yet"), c => c.RateLimiter = new BrokenLimiter());
        controller!.Queue.Add(A);
        await RestAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        await RestAsync();
        Assert.Equal(2, runs.Count);
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task A_wait_for_a_call_that_would_outlast_the_run_fails_it_at_once()
    {
        var limiter = new TokenBucket(0.01, 1, time);
        Assert.True(limiter.Allow());
        Start(
            async (_, token) =>
            {
                await limiter.WaitAsync(token);
                return ReconcileResult.Done;
            },
            c => c.ReconcileTimeout = TimeSpan.FromSeconds(30));
        controller!.Queue.Add(A);
        await RestAsync();
        Assert.Equal("1", metrics["""controller_runtime_reconcile_errors_total{controller="test"}"""]);
        Assert.Equal("0", metrics["""controller_runtime_reconcile_timeouts_total{controller="test"}"""]);
    }

    [Fact]
    public async Task Every_line_of_a_run_has_its_id_and_the_object()
    {
        using var log = new LogReading();
        Start(async (key, _) =>
        {
            await Task.Yield();
            log.CreateLogger("user").LogInformation("in the run");
            return key == A ? throw new IOException("not yet") : ReconcileResult.Done;
        }, log: log);
        controller!.Queue.Add(A);
        controller.Queue.Add(B);
        await RestAsync();
        var lines = log.Lines.Where(line => line.Scope.Contains("default/", StringComparison.Ordinal)).GroupBy(line => line.Scope).OrderBy(run => run.Key).ToList();
        Assert.Equal(2, lines.Count);
        foreach (var (run, name, last) in lines.Zip([A, B], ["failed; again after its backoff", "success"]).Select(one => (one.First, one.Second, one.Third)))
        {
            var id = run.Key.Split(' ')[^1];
            Assert.Matches("^[0-9a-f]{16}$", id);
            Assert.Equal($"Reconciling test {name} (UserChange, run {id})", run.First().Text);
            Assert.Equal("in the run", run.ElementAt(1).Text);
            Assert.Contains(last, run.Last().Text, StringComparison.Ordinal);
            Assert.Contains(id, run.Last().Text, StringComparison.Ordinal);
        }
    }

    private void Start(Func<ObjectKey, Task<ReconcileResult>> reconcile, Action<ControllerBuilder> configure) => Start((key, _) => reconcile(key), configure);

    private void Start(Func<ObjectKey, Task<ReconcileResult>> reconcile) => Start((key, _) => reconcile(key));

    private void Start(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, Action<ControllerBuilder>? configure = null, ILoggerFactory? log = null)
    {
        var builder = new ControllerBuilder("test")
        {
            Reconcile = (key, token) =>
            {
                runs.Enqueue(key);
                return reconcile(key, token);
            },
        };
        configure?.Invoke(builder);
        builder.Validate();
        controller = new(builder, metrics.Meter, time, log ?? NullLoggerFactory.Instance, new Random(1));
        running = controller.RunAsync(abort.Token);
    }

    /// <summary>Returns when no key is ready or with a worker.</summary>
    private async Task RestAsync()
    {
        while (controller!.Queue is not { Depth: 0, Running: 0 })
        {
            await Task.Yield();
            Patience.ThrowIfCancellationRequested();
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private sealed class BrokenLimiter : RateLimiter
    {
        public override TimeSpan DelayFor(int failures) => throw new InvalidOperationException("a bug");
    }
}
