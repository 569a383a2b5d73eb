using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>Conditions of a Deployment: the one that was set last stands last, and one whose status and reason are the same stays as it is. Pure.</summary>
internal static class DeploymentConditions
{
    public const string Available = "Available";
    public const string Progressing = "Progressing";

    public static DeploymentCondition? Find(DeploymentStatus? status, string type) => status?.Conditions?.Find(condition => condition.Type == type);

    public static DeploymentCondition Make(string type, string status, string reason, string message, DateTimeOffset now) => new()
    {
        Type = type, Status = status, LastUpdateTime = KubeTime.Truncate(now), LastTransitionTime = KubeTime.Truncate(now), Reason = reason, Message = message,
    };

    public static void Set(DeploymentStatus status, DeploymentCondition condition)
    {
        var known = Find(status, condition.Type);
        if (known is not null && known.Status == condition.Status && known.Reason == condition.Reason)
        {
            return;
        }

        Remove(status, condition.Type);
        (status.Conditions ??= []).Add(known?.Status == condition.Status ? condition with { LastTransitionTime = known.LastTransitionTime } : condition);
    }

    public static void Remove(DeploymentStatus status, string type)
    {
        status.Conditions?.RemoveAll(condition => condition.Type == type);
        if (status.Conditions is { Count: 0 })
        {
            status.Conditions = null;
        }
    }
}
