using Capstan.Diagnostics;
using Capstan.Queueing;
using Microsoft.Extensions.Logging;

namespace Capstan.Controllers;

/// <summary>One batch from its start to the answers for its keys.</summary>
internal sealed class BatchRun(
    ControllerBuilder configuration, WorkQueue<ObjectKey> queue, WorkAdmission? admission, RunOutcomes outcomes, ControllerInstruments instruments, EventTraces traces, TimeProvider time, ILogger logger)
{
    /// <summary>Reconciles the keys that are for this replica. Whatever comes out of it, all of them go back to the queue.</summary>
    public async Task RunAsync(IReadOnlyList<WorkItem<ObjectKey>> items, string group, CancellationToken abort)
    {
        // Permits are asked for in this flow, so that what they set in it holds for the run.
        var permits = new List<WorkPermit>();
        var keys = new List<ObjectKey>(items.Count);
        foreach (var item in items)
        {
            if (admission is null)
            {
                keys.Add(item.Key);
            }
            else if (admission.Begin(item.Key) is { } permit)
            {
                permits.Add(permit);
                keys.Add(item.Key);
            }
            else
            {
                traces.Forget(item.Key);
                queue.Forget(item.Key);
                queue.Done(item.Key);
            }
        }

        try
        {
            if (keys.Count > 0)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource([abort, .. permits.Select(permit => permit.Lost)]);
                await RunAsync(new ReconcileBatch(group, keys), either.Token);
            }
        }
        finally
        {
            permits.ForEach(permit => permit.Dispose());
        }
    }

    private async Task RunAsync(ReconcileBatch batch, CancellationToken abort)
    {
        var id = ReconcileId.Next();
        var startedAt = time.GetTimestamp();
        instruments.Started();
        using var scope = Log.BatchScope(logger, configuration.Name, group: batch.Group, id);
        using var span = traces.Begin(batch.Keys, batch.Group, id);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            foreach (var key in batch.Keys)
            {
                Log.ReconcilingInBatch(logger, configuration.Name, key, batch.Group, id);
            }
        }

        var error = await CallAsync(batch, abort);
        batch.End();
        if (error is not null)
        {
            span?.Fail(error);
        }

        var cutOff = error is OperationCanceledException && abort.IsCancellationRequested;
        foreach (var key in batch.Keys)
        {
            Answer(key, id, batch.AnswerFor(key), error, cutOff);
            queue.Done(key);
        }

        if (cutOff)
        {
            instruments.Abandoned();
        }
        else
        {
            instruments.Ended(time.GetElapsedTime(startedAt));
        }
    }

    private void Answer(ObjectKey key, ReconcileId id, ReconcileBatch.Answer? answer, Exception? error, bool cutOff)
    {
        if (answer is { Error: null } settled)
        {
            outcomes.Settle(key, id, settled.Result);
        }
        else if (answer is { Error: { } failed })
        {
            outcomes.Fail(key, id, failed);
        }
        else if (!cutOff)
        {
            outcomes.Fail(key, id, error ?? new InvalidOperationException("the batch ended without an answer for the key"));
        }
    }

    /// <returns>What it threw; null: nothing.</returns>
    private async Task<Exception?> CallAsync(ReconcileBatch batch, CancellationToken abort)
    {
        using var limit = new RunLimit(configuration.ReconcileTimeout, time, abort);
        try
        {
            await configuration.BatchReconciler!.ReconcileAsync(batch, limit.Token);
            return null;
        }
        catch (OperationCanceledException exception) when (limit.IsOver)
        {
            instruments.TimedOut();
            return limit.Error(exception);
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
