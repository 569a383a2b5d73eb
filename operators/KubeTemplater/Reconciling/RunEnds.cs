using Capstan;
using Capstan.Queueing;
using KubeTemplater.Applying;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;
using Microsoft.Extensions.Logging;

namespace KubeTemplater.Reconciling;

/// <summary>Says how a run ended, in the status, events, metrics and the log, and when the next one is.</summary>
internal sealed class RunEnds(
    StatusPublisher status, TemplateEvents events, TemplateMetrics metrics, RetrySchedule schedule, KubeTemplaterOptions options, ILogger logger, TimeProvider time)
{
    /// <summary>All is applied.</summary>
    public async Task CompletedAsync(KubeTemplate template, RunStart start, RunResult result, CancellationToken cancellationToken)
    {
        await TellAsync(template, start, StatusReport.Completed(template, result, SpecHash.Of(template.Spec), start.QueuedAt, time.GetUtcNow()), cancellationToken);
        Log.Completed(logger, template.Key.ToString(), result.Synced);
    }

    /// <summary>What the policy found and lets pass is told, once: in an event now, and in the status that the run ends with.</summary>
    /// <returns>The template with a status that says so; the same instance if it did before.</returns>
    public KubeTemplate Judged(KubeTemplate template, Verdict verdict)
    {
        var told = Compliance.Told(template, verdict, time);
        if (!ReferenceEquals(told, template))
        {
            events.TellViolations(told);
        }

        return told;
    }

    /// <summary>All was applied before, and the policy says something else of it now.</summary>
    public Task NotedAsync(KubeTemplate template, CancellationToken cancellationToken) => status.WriteAsync(template, template.Status!, cancellationToken);

    /// <summary>What is applied is not ready yet.</summary>
    public async Task<ReconcileResult> WaitingAsync(KubeTemplate template, RunStart start, RunResult result, CancellationToken cancellationToken)
    {
        await status.WriteAsync(template, StatusReport.Waiting(template, result, start.QueuedAt, time.GetUtcNow()), cancellationToken);
        return ReconcileResult.After(NextLook(template), Priority.Retry);
    }

    /// <summary>The spec says that nothing is to be done.</summary>
    public async Task<ReconcileResult> SuspendedAsync(KubeTemplate template, CancellationToken cancellationToken)
    {
        await status.WriteAsync(template, StatusReport.Suspended(template, time.GetUtcNow()), cancellationToken);
        return ReconcileResult.Done;
    }

    /// <summary>Something is in the way.</summary>
    /// <param name="template">The template.</param>
    /// <param name="start">When and why it was begun.</param>
    /// <param name="why">What is in the way.</param>
    /// <param name="result">What was done before; null if nothing.</param>
    /// <param name="policy">Version of the policy that lets the template be applied; null if none does.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task<ReconcileResult> FailedAsync(
        KubeTemplate template, RunStart start, TemplateException why, RunResult? result, string? policy, CancellationToken cancellationToken)
    {
        RetryStep? next = policy is not null && IsRetried(why) ? schedule.AfterFailure(FailureRecord.CountOf(template, policy)) : null;
        var failure = new RunFailure(why, result, next is null ? null : policy, next);
        await TellAsync(template, start, StatusReport.Failed(template, failure, start.QueuedAt, time.GetUtcNow()), cancellationToken);
        Log.Failed(logger, template.Key.ToString(), why.Reason, why.Message);
        return next switch
        {
            { Action: not RetryAction.Pause } step => ReconcileResult.After(step.Wait, Priority.Retry),

            // An event tells when the other lets go; what it does not tell, such as a change of the other's policy, is found in time.
            null when why.Reason == FailureReasons.ClaimedByAnother => ReconcileResult.After(options.MaxRetryDelay),
            _ => ReconcileResult.Done,
        };
    }

    /// <summary>A fourth of the time for which the status has said the same, from a second to half a minute: what is quick is seen at once, and what takes an hour costs little.</summary>
    private TimeSpan NextLook(KubeTemplate template)
    {
        var waited = template.Status is { ProcessingPhase: Phases.Processing, ProcessedAt: { } since } status && status.ObservedGeneration == template.Metadata.Generation
            ? time.GetUtcNow() - since
            : TimeSpan.Zero;
        return TimeSpan.FromSeconds(Math.Clamp(waited.TotalSeconds / 4, 1, 30));
    }

    /// <summary>What only a change of a template or a policy can mend waits for it.</summary>
    private static bool IsRetried(TemplateException why) =>
        why.Reason is not (FailureReasons.InvalidTemplate or FailureReasons.NoPolicy or FailureReasons.PolicyViolation or FailureReasons.ClaimedByAnother);

    private async Task TellAsync(KubeTemplate template, RunStart start, KubeTemplateStatus report, CancellationToken cancellationToken)
    {
        await status.WriteAsync(template, report, cancellationToken);
        events.Tell(template, report);
        metrics.Processed(report.ProcessingPhase!, time.GetElapsedTime(start.At));
    }
}

/// <summary>When a run was begun, and for what.</summary>
/// <param name="QueuedAt">When the change came in that it processes.</param>
/// <param name="At">When it was begun, as a timestamp of the clock.</param>
internal readonly record struct RunStart(DateTimeOffset QueuedAt, long At);
