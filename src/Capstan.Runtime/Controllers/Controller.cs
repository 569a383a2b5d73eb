using System.Diagnostics.Metrics;
using Capstan.Diagnostics;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;

namespace Capstan.Controllers;

/// <summary>Takes keys from its queue and has them reconciled, several at a time.</summary>
internal sealed class Controller
{
    private readonly Func<ObjectKey, CancellationToken, Task<ReconcileResult>> _reconcile;
    private readonly int _workers;
    private readonly TimeSpan? _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ControllerInstruments _instruments;

    public Controller(ControllerBuilder configuration, Meter meter, TimeProvider time, ILoggerFactory loggers)
    {
        Name = configuration.Name;
        _reconcile = configuration.Reconcile!;
        _workers = configuration.MaxConcurrentReconciles;
        _timeout = configuration.ReconcileTimeout;
        _time = time;
        _logger = loggers.CreateLogger($"capstan.controller.{Name}");
        _instruments = new(meter, Name, _workers);
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

    /// <summary>Asked before each run; null runs every key. Set before it runs.</summary>
    public WorkAdmission? Admission { get; set; }

    public WorkQueue<ObjectKey> Queue { get; }

    /// <summary>Works until the queue is shut down and every run under way has ended.</summary>
    /// <param name="abort">Cancels the runs under way.</param>
    public Task RunAsync(CancellationToken abort)
    {
        Log.ControllerStarting(_logger, Name, _workers);
        return Task.WhenAll(Enumerable.Range(0, _workers).Select(_ => Task.Run(() => WorkAsync(abort), CancellationToken.None)));
    }

    private async Task WorkAsync(CancellationToken abort)
    {
        while (await Queue.GetAsync(CancellationToken.None) is { HasKey: true } item)
        {
            await AdmitAsync(item, abort);
        }
    }

    /// <summary>A key that is not for this replica is let go, and its backoff with it: whoever it is for has seen the same changes.</summary>
    private async Task AdmitAsync(WorkItem<ObjectKey> item, CancellationToken abort)
    {
        if (Admission is not { } admission)
        {
            await ReconcileAsync(item, abort);
            return;
        }

        if (admission.Begin(item.Key) is not { } permit)
        {
            Queue.Forget(item.Key);
            Queue.Done(item.Key);
            return;
        }

        using (permit)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(abort, permit.Lost);
            await ReconcileAsync(item, either.Token);
        }
    }

    /// <summary>One run: whatever comes out of it, the key goes back to the queue and no other key is touched.</summary>
    private async Task ReconcileAsync(WorkItem<ObjectKey> item, CancellationToken abort)
    {
        var key = item.Key;
        var startedAt = _time.GetTimestamp();
        _instruments.Started();
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            Log.Reconciling(_logger, Name, key.ToString(), item.Priority.ToString());
        }

        try
        {
            var outcome = Settle(key, await RunAsync(key, abort));
            _instruments.Ended(outcome, _time.GetElapsedTime(startedAt));
            if (_logger.IsEnabled(LogLevel.Debug))
            {
                Log.Reconciled(_logger, Name, key.ToString(), ControllerInstruments.Label(outcome));
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // No backoff and no error: the next leader or the next start finds the object as it is.
            _instruments.Abandoned();
        }
        catch (Exception exception)
        {
            Fail(key, exception);
            _instruments.Ended(Outcome.Error, _time.GetElapsedTime(startedAt));
        }
        finally
        {
            Queue.Done(key);
        }
    }

    private async Task<ReconcileResult> RunAsync(ObjectKey key, CancellationToken abort)
    {
        if (_timeout is not { } limit)
        {
            return await _reconcile(key, abort);
        }

        using var timer = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, abort);
        try
        {
            return await _reconcile(key, either.Token);
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
            _instruments.FailedForGood();
            Queue.Forget(key);
            Log.ReconcileFailedForGood(_logger, Name, key.ToString(), exception);
            return;
        }

        Queue.AddRateLimited(key);
        switch (exception)
        {
            case RunTimeoutException timedOut:
                _instruments.TimedOut();
                Log.ReconcileTimedOut(_logger, Name, key.ToString(), timedOut.Limit);
                break;
            case var _ when IsBug(exception):
                _instruments.Panicked();
                Log.ReconcilePanicked(_logger, Name, key.ToString(), exception);
                break;
            default:
                Log.ReconcileFailed(_logger, Name, key.ToString(), Queue.Failures(key), exception);
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
