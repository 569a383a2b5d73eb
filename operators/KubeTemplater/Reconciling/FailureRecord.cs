using Capstan;
using Capstan.Queueing;
using KubeTemplater.Policies;
using KubeTemplater.Resources;

namespace KubeTemplater.Reconciling;

/// <summary>What a template's status remembers of its failures, as far as it still counts: with another spec or another policy everything starts anew.</summary>
internal static class FailureRecord
{
    /// <summary>Tells one version of a policy from every other.</summary>
    public static string VersionOf(CompiledPolicy policy) => $"{policy.Policy.Metadata.Uid}/{policy.Policy.Metadata.Generation}";

    /// <summary>The failures under this version of the policy.</summary>
    public static RetryCount CountOf(KubeTemplate template, string policy) =>
        IsOf(template, policy) ? new(template.Status!.RetryCount ?? 0, template.Status.RetryCycle ?? 0) : default;

    /// <summary>What a template waits for that is paused, or whose next try is not due yet; null when it may run.</summary>
    public static ReconcileResult? HoldUp(KubeTemplate template, string policy, RetrySchedule schedule, DateTimeOffset now)
    {
        if (!IsOf(template, policy))
        {
            return null;
        }

        switch (template.Status)
        {
            case { ProcessingPhase: Phases.Paused }:
                return ReconcileResult.Done;
            case { ProcessingPhase: Phases.Failed, ProcessedAt: { } failedAt } when CountOf(template, policy) is var count && count != default:
                var left = schedule.Remaining(count, failedAt, now);
                return left > TimeSpan.Zero ? ReconcileResult.After(left, Priority.Retry) : null;
            default:
                return null;
        }
    }

    /// <remarks>Where the installed definition is older and has no such field, the server drops the version: failures must count all the same, or the template would be tried for ever.</remarks>
    private static bool IsOf(KubeTemplate template, string policy) =>
        template.Status is { } status && status.ObservedGeneration == template.Metadata.Generation && (status.ObservedPolicy is null || status.ObservedPolicy == policy);
}
