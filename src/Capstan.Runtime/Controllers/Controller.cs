using System.Diagnostics.Metrics;
using Capstan.Diagnostics;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;

namespace Capstan.Controllers;

/// <summary>Takes keys from its queue and has them reconciled, several at a time.</summary>
internal sealed class Controller
{
    private readonly Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile;
    private readonly int workers;
    private readonly TimeSpan? timeout;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ControllerInstruments instruments;

    public Controller(ControllerBuilder configuration, Meter meter, TimeProvider time, ILoggerFactory loggers)
    {
        Name = configuration.Name;
        reconcile = configuration.Reconcile!;
        workers = configuration.MaxConcurrentReconciles;
        timeout = configuration.ReconcileTimeout;
        this.time = time;
        logger = loggers.CreateLogger($"capstan.controller.{Name}");
        instruments = new(meter, Name, workers);
        Queue = new(new()
        {
            Name = Name,
            RateLimiter = configuration.RateLimiter,
            AgeingStep = configuration.AgeingStep,
            TimeProvider = time,
            Meter = meter,
        });
    }

    public string Name { get; }

    public WorkQueue<ObjectKey> Queue { get; }

    /// <summary>Works until the queue is shut down and every run under way has ended.</summary>
    /// <param name="abort">Cancels the runs under way.</param>
    public Task RunAsync(CancellationToken abort)
    {
        Log.ControllerStarting(logger, Name, workers);
        return Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(abort), CancellationToken.None)));
    }

    private async Task WorkAsync(CancellationToken abort)
    {
        while (await Queue.GetAsync(CancellationToken.None) is { HasKey: true } item)
        {
            await ReconcileAsync(item, abort);
        }
    }

    /// <summary>One run: whatever comes out of it, the key goes back to the queue and no other key is touched.</summary>
    private async Task ReconcileAsync(WorkItem<ObjectKey> item, CancellationToken abort)
    {
        var key = item.Key;
        var startedAt = time.GetTimestamp();
        instruments.Started();
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Log.Reconciling(logger, Name, key.ToString(), item.Priority.ToString());
        }

        try
        {
            var outcome = Settle(key, await RunAsync(key, abort));
            instruments.Ended(outcome, time.GetElapsedTime(startedAt));
            if (logger.IsEnabled(LogLevel.Debug))
            {
                Log.Reconciled(logger, Name, key.ToString(), ControllerInstruments.Label(outcome));
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // No backoff and no error: the next leader or the next start finds the object as it is.
            instruments.Abandoned();
        }
        catch (Exception exception)
        {
            Fail(key, exception);
            instruments.Ended(Outcome.Error, time.GetElapsedTime(startedAt));
        }
        finally
        {
            Queue.Done(key);
        }
    }

    private async Task<ReconcileResult> RunAsync(ObjectKey key, CancellationToken abort)
    {
        if (timeout is not { } limit)
        {
            return await reconcile(key, abort);
        }

        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, abort);
        try
        {
            return await reconcile(key, either.Token);
        }
        catch (OperationCanceledException exception) when (timer.IsCancellationRequested && !abort.IsCancellationRequested)
        {
            throw new RunTimeoutException(limit, exception);
        }
    }

    private Outcome Settle(ObjectKey key, ReconcileResult result)
    {
        switch (result.Kind)
        {
            case ReconcileResultKind.Requeue:
                Queue.AddRateLimited(key);
                return Outcome.Requeue;
            case ReconcileResultKind.After:
                Queue.Forget(key);
                Queue.AddAfter(key, result.Delay, result.Priority);
                return Outcome.RequeueAfter;
            default:
                Queue.Forget(key);
                return Outcome.Success;
        }
    }

    private void Fail(ObjectKey key, Exception exception)
    {
        if (exception is TerminalException)
        {
            instruments.FailedForGood();
            Queue.Forget(key);
            Log.ReconcileFailedForGood(logger, Name, key.ToString(), exception);
            return;
        }

        Queue.AddRateLimited(key);
        switch (exception)
        {
            case RunTimeoutException timedOut:
                instruments.TimedOut();
                Log.ReconcileTimedOut(logger, Name, key.ToString(), timedOut.Limit);
                break;
            case var _ when IsBug(exception):
                instruments.Panicked();
                Log.ReconcilePanicked(logger, Name, key.ToString(), exception);
                break;
            default:
                Log.ReconcileFailed(logger, Name, key.ToString(), Queue.Failures(key), exception);
                break;
        }
    }

    /// <summary>Exceptions that no state of the world causes, only the program: what a panic is in Go.</summary>
    private static bool IsBug(Exception exception) => exception
        is NullReferenceException or IndexOutOfRangeException or InvalidCastException or DivideByZeroException or KeyNotFoundException
        or ArgumentNullException or ArgumentOutOfRangeException or NotImplementedException or System.Diagnostics.UnreachableException;

    private sealed class RunTimeoutException(TimeSpan limit, Exception cause) : Exception($"the reconcile took longer than {limit}", cause)
    {
        public TimeSpan Limit { get; } = limit;
    }
}
