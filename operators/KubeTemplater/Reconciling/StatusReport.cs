using Capstan;
using KubeTemplater.Applying;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Reconciling;

/// <summary>Turns the outcome of a run into the status that people read, and tells whether it says anything new.</summary>
internal static class StatusReport
{
    // A status must stay readable; what is longer helps nobody and counts against the object's size.
    private const int MaxMessageLength = 4096;

    /// <summary>All manifests are applied.</summary>
    public static KubeTemplateStatus Completed(KubeTemplate template, RunResult result, string specHash, DateTimeOffset queuedAt, DateTimeOffset now)
    {
        var total = template.Spec.Templates.Count;
        return Report(template, queuedAt, now, default) with
        {
            Status = Phases.Completed,
            ProcessingPhase = Phases.Completed,
            AppliedSpecHash = specHash,
            LastReconcileTime = KubeTime.Truncate(now),
            ResourcesSynced = total,
            Resources = [.. result.Resources],
            Conditions = TemplateConditions.Completed(template, now, $"{total} of {total} objects applied"),
        };
    }

    /// <summary>Something is in the way: before anything was tried, or as the failure's result says.</summary>
    public static KubeTemplateStatus Failed(KubeTemplate template, RunFailure failure, DateTimeOffset queuedAt, DateTimeOffset now)
    {
        var why = failure.Why;
        var message = why.Message.Length <= MaxMessageLength ? why.Message : $"{why.Message.AsSpan(0, MaxMessageLength)}…";
        var ready = new Says(TemplateConditions.Ready, "False", why.Reason, message);
        var report = Report(template, queuedAt, now, failure.Next?.Count ?? default) with
        {
            Status = $"Error: {message}",
            ProcessingPhase = Phases.Failed,
            ObservedPolicy = failure.Policy,
            ResourcesSynced = failure.Result?.Synced ?? 0,
            Resources = failure.Result is { } result ? [.. result.Resources] : Inventory.Kept(template),
        };
        return failure.Next switch
        {
            null => report with { Conditions = TemplateConditions.Stuck(template, now, ready, why.Reason, message) },
            { Action: RetryAction.Pause } => report with
            {
                Status = $"Paused due to repeated failures: {message}",
                ProcessingPhase = Phases.Paused,
                PausedAt = KubeTime.Truncate(now),
                PausedReason = message,
                Conditions = TemplateConditions.Stuck(
                    template, now, ready, Phases.Paused, "no retries are left; a change of the template or its policy starts anew, as does the annotation kubetemplater.io/resume: \"true\""),
            },
            { } step => report with { Conditions = TemplateConditions.Continuing(template, now, ready, step.Action.ToString(), Announcement(step, now)) },
        };
    }

    /// <summary>Everything that can be is applied, and something is not ready yet.</summary>
    public static KubeTemplateStatus Waiting(KubeTemplate template, RunResult result, DateTimeOffset queuedAt, DateTimeOffset now) =>
        Report(template, queuedAt, now, default) with
        {
            Status = result.Waiting,
            ProcessingPhase = Phases.Processing,
            ResourcesSynced = result.Synced,
            Resources = [.. result.Resources],
            Conditions = TemplateConditions.Continuing(
                template, now, new(TemplateConditions.Ready, "False", TemplateConditions.Reconciling, result.Waiting!), "WaitingForObjects", result.Waiting!),
        };

    /// <summary>The spec says that nothing is to be done.</summary>
    public static KubeTemplateStatus Suspended(KubeTemplate template, DateTimeOffset now) => WithoutFailures(template) with
    {
        Status = TemplateConditions.Suspended,
        ObservedGeneration = template.Metadata.Generation,
        ResourcesTotal = template.Spec.Templates.Count,
        Conditions = TemplateConditions.Resting(template, now),
    };

    /// <summary>A person asked for another try: the failures so far count no more.</summary>
    public static KubeTemplateStatus Resumed(KubeTemplate template, DateTimeOffset now) => WithoutFailures(template) with
    {
        Status = Phases.Queued,
        ProcessingPhase = Phases.Queued,
        QueuedAt = KubeTime.Truncate(now),
    };

    /// <summary>Whether the two differ in more than the times of processing.</summary>
    public static bool SaysTheSame(KubeTemplateStatus? current, KubeTemplateStatus wanted) =>
        current is not null
        && current.Status == wanted.Status
        && current.ProcessingPhase == wanted.ProcessingPhase
        && current.RetryCount.GetValueOrDefault() == wanted.RetryCount.GetValueOrDefault()
        && current.RetryCycle.GetValueOrDefault() == wanted.RetryCycle.GetValueOrDefault()
        && current.PausedReason == wanted.PausedReason
        && current.AppliedSpecHash == wanted.AppliedSpecHash
        && current.DriftDetectionCount == wanted.DriftDetectionCount
        && current.ResourcesTotal == wanted.ResourcesTotal
        && current.ResourcesSynced == wanted.ResourcesSynced
        && current.ObservedGeneration == wanted.ObservedGeneration
        && current.ObservedPolicy == wanted.ObservedPolicy
        && (current.Resources ?? []).SequenceEqual(wanted.Resources ?? [])
        && (current.Conditions ?? []).SequenceEqual(wanted.Conditions ?? []);

    /// <summary>What any end of a run says; what it does not speak of stays, such as the count of drift.</summary>
    private static KubeTemplateStatus Report(KubeTemplate template, DateTimeOffset queuedAt, DateTimeOffset now, RetryCount count) => WithoutFailures(template) with
    {
        QueuedAt = KubeTime.Truncate(queuedAt),
        ProcessedAt = KubeTime.Truncate(now),
        RetryCount = count.Failures,
        RetryCycle = count.Cycles,
        ResourcesTotal = template.Spec.Templates.Count,
        ObservedGeneration = template.Metadata.Generation,
    };

    private static KubeTemplateStatus WithoutFailures(KubeTemplate template) => (template.Status ?? new()) with
    {
        RetryCount = 0,
        RetryCycle = 0,
        PausedAt = null,
        PausedReason = null,
        ObservedPolicy = null,
    };

    private static string Announcement(RetryStep step, DateTimeOffset now)
    {
        var next = KubeTime.Format(now + step.Wait);
        return step.Action == RetryAction.CoolDown
            ? $"all retries of cycle {step.Count.Cycles} have failed; the next cycle begins at {next}"
            : $"{step.Count.Failures} failed in cycle {step.Count.Cycles + 1}; the next try is at {next}";
    }
}

/// <summary>Why a run failed, and what follows.</summary>
/// <param name="Why">What is in the way.</param>
/// <param name="Result">What the run did before; null when it was not begun.</param>
/// <param name="Policy">Version of the policy that let the run begin; null when none did.</param>
/// <param name="Next">When it is tried again; null when it waits for a change.</param>
internal sealed record RunFailure(TemplateException Why, RunResult? Result, string? Policy, RetryStep? Next);
