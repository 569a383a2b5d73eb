using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>How far a rollout is, and whether it takes too long. Pure.</summary>
internal static class Progress
{
    public const string TimedOut = "ProgressDeadlineExceeded";
    public const string Paused = "DeploymentPaused";

    private const string Completed = "NewReplicaSetAvailable";

    public static bool HasDeadline(Deployment deployment) => deployment.Spec.ProgressDeadlineSeconds is not (null or int.MaxValue);

    /// <summary>All pods are of the new template and available, and no others are there.</summary>
    public static bool IsComplete(Deployment deployment, DeploymentStatus? status)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        status ??= new();
        return status.UpdatedReplicas == wanted && status.Replicas == wanted && status.AvailableReplicas == wanted && status.ObservedGeneration >= (deployment.Metadata.Generation ?? 0);
    }

    /// <summary>Sets the condition <c>Progressing</c> of a new status.</summary>
    /// <param name="deployment">With the status that it had.</param>
    /// <param name="created">The set of its template.</param>
    /// <param name="status">Is changed.</param>
    /// <param name="now">For the deadline.</param>
    public static void Tell(Deployment deployment, ReplicaSet? created, DeploymentStatus status, DateTimeOffset now)
    {
        if (!HasDeadline(deployment))
        {
            DeploymentConditions.Remove(status, DeploymentConditions.Progressing);
            return;
        }

        var current = DeploymentConditions.Find(deployment.Status, DeploymentConditions.Progressing);
        if (status.Replicas == status.UpdatedReplicas && current?.Reason == Completed)
        {
            // Nothing is being rolled out: pods that come and go are no progress.
            return;
        }

        var what = created is null ? $"Deployment \"{deployment.Key.Name}\"" : $"ReplicaSet \"{created.Key.Name}\"";
        if (IsComplete(deployment, status))
        {
            Set("True", Completed, $"{what} has successfully progressed.");
        }
        else if (HasMoved(deployment.Status ?? new(), status))
        {
            // Said anew each time, for the time of it.
            DeploymentConditions.Remove(status, DeploymentConditions.Progressing);
            Set("True", "ReplicaSetUpdated", $"{what} is progressing.");
            if (current?.Status == "True")
            {
                DeploymentConditions.Find(status, DeploymentConditions.Progressing)!.LastTransitionTime = current.LastTransitionTime;
            }
        }
        else if (HasTimedOut(deployment, status, now))
        {
            Set("False", TimedOut, $"{what} has timed out progressing.");
        }

        void Set(string value, string reason, string message) =>
            DeploymentConditions.Set(status, DeploymentConditions.Make(DeploymentConditions.Progressing, value, reason, message, now));
    }

    /// <summary>When the deadline of a Deployment that does not move will have passed.</summary>
    public static ReconcileResult NextLook(Deployment deployment, DateTimeOffset now)
    {
        var current = DeploymentConditions.Find(deployment.Status, DeploymentConditions.Progressing);
        if (!HasDeadline(deployment) || current is null || current.Reason == TimedOut || IsComplete(deployment, deployment.Status))
        {
            return ReconcileResult.Done;
        }

        var left = Deadline(deployment, current) - now;

        // The time is of whole seconds.
        return left < TimeSpan.FromSeconds(1) ? ReconcileResult.Requeue : ReconcileResult.After(left + TimeSpan.FromSeconds(1));
    }

    private static bool HasMoved(DeploymentStatus before, DeploymentStatus now) =>
        now.UpdatedReplicas > before.UpdatedReplicas
        || now.Replicas - now.UpdatedReplicas < before.Replicas - before.UpdatedReplicas
        || now.ReadyReplicas > before.ReadyReplicas
        || now.AvailableReplicas > before.AvailableReplicas;

    private static bool HasTimedOut(Deployment deployment, DeploymentStatus status, DateTimeOffset now) =>
        DeploymentConditions.Find(status, DeploymentConditions.Progressing) is { } condition
        && condition.Reason != Completed
        && (condition.Reason == TimedOut || Deadline(deployment, condition) < now);

    private static DateTimeOffset Deadline(Deployment deployment, DeploymentCondition condition) =>
        (condition.LastUpdateTime ?? DateTimeOffset.UnixEpoch).AddSeconds(deployment.Spec.ProgressDeadlineSeconds ?? 0);
}
