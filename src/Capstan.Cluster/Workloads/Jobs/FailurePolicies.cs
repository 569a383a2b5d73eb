using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>What a rule says about a failed pod.</summary>
/// <param name="Action">Of the rule that is for it; null if none is.</param>
/// <param name="Message">Why the whole Job fails; null if it does not.</param>
internal readonly record struct FailureVerdict(string? Action, string? Message)
{
    /// <summary>Whether the failure uses up tries.</summary>
    public bool Counts => Action != "Ignore";
}

/// <summary>Which rule of a Job is for a failed pod: the first. Pure.</summary>
internal static class FailurePolicies
{
    public static FailureVerdict Judge(PodFailurePolicy? policy, Pod pod)
    {
        for (var i = 0; i < (policy?.Rules.Count ?? 0); i++)
        {
            var rule = policy!.Rules[i];
            if (rule.OnExitCodes is { } codes)
            {
                if ((Matching(pod.Status?.ContainerStatuses, codes) ?? Matching(pod.Status?.InitContainerStatuses, codes)) is not { } status)
                {
                    continue;
                }

                return new(rule.Action, rule.Action == "FailJob"
                    ? $"Container {status.Name} for pod {pod.Key} failed with exit code {status.State!.Terminated!.ExitCode} matching {rule.Action} rule at index {i}"
                    : null);
            }

            if (rule.OnPodConditions is { } patterns
                && pod.Status?.Conditions?.Find(condition => patterns.Exists(pattern => pattern.Type == condition.Type && (pattern.Status ?? "True") == condition.Status)) is { } found)
            {
                return new(rule.Action, rule.Action == "FailJob" ? $"Pod {pod.Key} has condition {found.Type} matching {rule.Action} rule at index {i}" : null);
            }
        }

        return default;
    }

    private static ContainerStatus? Matching(List<ContainerStatus>? statuses, ExitCodeRequirement codes) => statuses?.Find(status =>
        status.State?.Terminated is { ExitCode: not 0 } end && (codes.ContainerName is null || codes.ContainerName == status.Name)
        && codes.Operator switch { "In" => codes.Values.Contains(end.ExitCode), "NotIn" => !codes.Values.Contains(end.ExitCode), _ => false });
}
