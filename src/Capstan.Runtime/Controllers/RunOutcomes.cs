using Capstan.Diagnostics;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;

namespace Capstan.Controllers;

/// <summary>What a key's run means for its next one, for the metrics and for the log. The same for a run of one key and of a batch.</summary>
internal sealed class RunOutcomes(string controller, WorkQueue<ObjectKey> queue, ControllerInstruments instruments, SharedRandom random, ILogger logger)
{
    // When a rate limiter of the user's own throws.
    private static readonly TimeSpan FallbackDelay = TimeSpan.FromSeconds(1);

    public void Settle(ObjectKey key, ReconcileId id, ReconcileResult result)
    {
        var outcome = Requeue(key, result);
        instruments.Counted(outcome);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Log.Reconciled(logger, controller, key, ControllerInstruments.Label(outcome), id);
        }
    }

    public void Fail(ObjectKey key, ReconcileId id, Exception exception)
    {
        instruments.Counted(Outcome.Error);
        if (exception is TerminalException)
        {
            instruments.FailedForGood();
            queue.Forget(key);
            Log.ReconcileFailedForGood(logger, controller, key, id, exception);
            return;
        }

        Retry(key);
        switch (exception)
        {
            case RunTimeoutException timedOut:
                Log.ReconcileTimedOut(logger, controller, key, timedOut.Limit, id);
                break;
            case var _ when IsBug(exception):
                instruments.Panicked();
                Log.ReconcilePanicked(logger, controller, key, id, exception);
                break;
            case ApiException or HttpRequestException or TimeoutException:
                // The server or the way to it: where in the program the call stood tells nobody anything.
                Log.ReconcileRefused(logger, controller, key, exception.Message, queue.Failures(key), id);
                break;
            default:
                Log.ReconcileFailed(logger, controller, key, queue.Failures(key), id, exception);
                break;
        }
    }

    private Outcome Requeue(ObjectKey key, ReconcileResult result)
    {
        switch (result.Kind)
        {
            case ReconcileResultKind.Requeue:
                Retry(key);
                return Outcome.Requeue;
            case ReconcileResultKind.After:
                queue.Forget(key);
                queue.AddAfter(key, result.Jitter > 0 ? random.Lengthen(result.Delay, result.Jitter) : result.Delay, result.Priority);
                return Outcome.RequeueAfter;
            default:
                queue.Forget(key);
                return Outcome.Success;
        }
    }

    private void Retry(ObjectKey key)
    {
        try
        {
            queue.AddRateLimited(key);
        }
        catch (Exception exception)
        {
            Log.RateLimiterFailed(logger, controller, key, FallbackDelay, exception);
            queue.AddAfter(key, FallbackDelay);
        }
    }

    /// <summary>Exceptions that no state of the world causes, only the program: what a panic is in Go.</summary>
    private static bool IsBug(Exception exception) => exception
        is NullReferenceException or IndexOutOfRangeException or InvalidCastException or DivideByZeroException or KeyNotFoundException
        or ArgumentNullException or ArgumentOutOfRangeException or NotImplementedException or System.Diagnostics.UnreachableException;
}
