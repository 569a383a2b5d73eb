using Capstan;
using KubeTemplater.Applying;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Reconciling;

/// <summary>Turns the outcome of a run into the status that people read, and tells whether it says anything new.</summary>
internal static class StatusReport
{
    /// <summary>Condition type: whether all manifests are applied.</summary>
    public const string Ready = "Ready";

    // A status must stay readable; what is longer helps nobody and counts against the object's size.
    private const int MaxMessageLength = 4096;

    /// <summary>All manifests are applied.</summary>
    public static KubeTemplateStatus Completed(KubeTemplate template, RunResult result, string specHash, DateTimeOffset queuedAt, DateTimeOffset now)
    {
        var total = template.Spec.Templates.Count;
        return Report(template, queuedAt, now, "True", Phases.Completed, $"{total} of {total} objects applied") with
        {
            Status = Phases.Completed,
            ProcessingPhase = Phases.Completed,
            AppliedSpecHash = specHash,
            ResourcesSynced = total,
            Resources = [.. result.Resources],
        };
    }

    /// <summary>Something is in the way: before anything was tried, or as <paramref name="result"/> says.</summary>
    public static KubeTemplateStatus Failed(KubeTemplate template, TemplateException why, RunResult? result, DateTimeOffset queuedAt, DateTimeOffset now)
    {
        var message = why.Message.Length <= MaxMessageLength ? why.Message : $"{why.Message.AsSpan(0, MaxMessageLength)}…";
        return Report(template, queuedAt, now, "False", why.Reason, message) with
        {
            Status = $"Error: {message}",
            ProcessingPhase = Phases.Failed,
            AppliedSpecHash = template.Status?.AppliedSpecHash,
            ResourcesSynced = result?.Synced ?? 0,
            Resources = result is null ? Inventory.Kept(template) : [.. result.Resources],
        };
    }

    /// <summary>Everything that can be is applied, and something is not ready yet.</summary>
    public static KubeTemplateStatus Waiting(KubeTemplate template, RunResult result, DateTimeOffset queuedAt, DateTimeOffset now) =>
        Report(template, queuedAt, now, "False", "Reconciling", result.Waiting!) with
        {
            Status = result.Waiting,
            ProcessingPhase = Phases.Processing,
            AppliedSpecHash = template.Status?.AppliedSpecHash,
            ResourcesSynced = result.Synced,
            Resources = [.. result.Resources],
        };

    /// <summary>Whether the two differ in more than the times of processing.</summary>
    public static bool SaysTheSame(KubeTemplateStatus? current, KubeTemplateStatus wanted) =>
        current is not null
        && current.Status == wanted.Status
        && current.ProcessingPhase == wanted.ProcessingPhase
        && current.AppliedSpecHash == wanted.AppliedSpecHash
        && current.ResourcesTotal == wanted.ResourcesTotal
        && current.ResourcesSynced == wanted.ResourcesSynced
        && current.ObservedGeneration == wanted.ObservedGeneration
        && (current.Resources ?? []).SequenceEqual(wanted.Resources ?? [])
        && (current.Conditions ?? []).SequenceEqual(wanted.Conditions ?? []);

    private static KubeTemplateStatus Report(
        KubeTemplate template, DateTimeOffset queuedAt, DateTimeOffset now, string ready, string reason, string message) => new()
    {
        QueuedAt = KubeTime.Truncate(queuedAt),
        ProcessedAt = KubeTime.Truncate(now),
        ResourcesTotal = template.Spec.Templates.Count,
        ObservedGeneration = template.Metadata.Generation,
        Conditions = WithReady(template, now, ready, reason, message),
    };

    private static List<Condition> WithReady(KubeTemplate template, DateTimeOffset now, string status, string reason, string message)
    {
        var conditions = template.Status?.Conditions ?? [];
        var before = conditions.FirstOrDefault(c => c.Type == Ready);
        var ready = new Condition
        {
            Type = Ready,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = template.Metadata.Generation,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : KubeTime.Truncate(now),
        };
        return [.. conditions.Where(c => c.Type != Ready), ready];
    }
}
