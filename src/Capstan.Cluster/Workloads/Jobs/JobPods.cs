using System.Globalization;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>What a Job reads of its pods. Pure.</summary>
internal static class JobPods
{
    public const string Finalizer = "batch.kubernetes.io/job-tracking";
    public const string CompletionIndex = "batch.kubernetes.io/job-completion-index";
    public const string FailureCount = "batch.kubernetes.io/job-index-failure-count";
    public const string IgnoredFailureCount = "batch.kubernetes.io/job-index-ignored-failure-count";

    /// <summary>Whether it is still to be counted.</summary>
    public static bool IsTracked(Pod pod) => pod.Metadata.Finalizers?.Contains(Finalizer) == true;

    public static bool HasSucceeded(Pod pod) => pod.Status?.Phase == "Succeeded";

    /// <summary>One that is going has failed too, unless the Job waits for its end.</summary>
    public static bool HasFailed(Pod pod, Job job) =>
        pod.Status?.Phase == "Failed" || (!job.ReplacesOnlyFailed && pod.Metadata.DeletionTimestamp is not null && !HasSucceeded(pod));

    /// <summary>Null when it has none that counts.</summary>
    public static int? IndexOf(Pod pod, Job job) =>
        pod.Metadata.Annotations?.GetValueOrDefault(CompletionIndex) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < job.Spec.Completions
            ? index
            : null;

    public static int Count(Pod pod, string annotation) =>
        pod.Metadata.Annotations?.GetValueOrDefault(annotation) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    /// <summary>Failures of its index before it, those that a policy ignores included.</summary>
    public static int FailuresBefore(Pod pod) => Count(pod, FailureCount) + Count(pod, IgnoredFailureCount);

    /// <summary>When it ended, as well as can be told.</summary>
    public static DateTimeOffset FinishedAt(Pod pod)
    {
        var sidecars = (pod.Spec.InitContainers ?? []).Where(container => container.RestartPolicy == "Always").Select(container => container.Name).ToHashSet();
        var ends = (pod.Status?.ContainerStatuses ?? [])
            .Concat((pod.Status?.InitContainerStatuses ?? []).Where(status => sidecars.Contains(status.Name)))
            .Select(status => status.State?.Terminated?.FinishedAt).ToList();
        return ends.Count > 0 && ends.TrueForAll(end => end is not null) ? ends.Max()!.Value
            : pod.Condition("Ready") is { Status: "False", LastTransitionTime: { } since } ? since
            : pod.Metadata.DeletionTimestamp is { } deleted ? deleted.AddSeconds(-(pod.Metadata.DeletionGracePeriodSeconds ?? 0))
            : pod.Metadata.CreationTimestamp ?? default;
    }
}
