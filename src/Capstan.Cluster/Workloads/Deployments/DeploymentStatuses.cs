using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>How a Deployment stands, from its sets. Pure.</summary>
internal static class DeploymentStatuses
{
    /// <summary>Counts, and whether enough pods are available.</summary>
    public static DeploymentStatus Of(Deployment deployment, IReadOnlyList<ReplicaSet> all, ReplicaSet? created, DateTimeOffset now)
    {
        var available = all.Sum(static set => set.Status?.AvailableReplicas ?? 0);
        var status = new DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation ?? 0,
            Replicas = all.Sum(static set => set.Status?.Replicas ?? 0),
            UpdatedReplicas = created?.Status?.Replicas ?? 0,
            ReadyReplicas = all.Sum(static set => set.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, DeploymentSizes.Total(all) - available),
            TerminatingReplicas = Terminating(all),
            CollisionCount = deployment.Status?.CollisionCount,
            Conditions = deployment.Status?.Conditions is { } conditions ? [.. conditions] : null,
        };
        var isAvailable = available >= new DeploymentSizes(deployment.Spec).MinAvailable;
        DeploymentConditions.Set(status, isAvailable
            ? DeploymentConditions.Make(DeploymentConditions.Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : DeploymentConditions.Make(DeploymentConditions.Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now));
        return status;
    }

    /// <summary>Takes over why the sets could not make or delete pods, of the new one before others.</summary>
    public static void TellFailures(DeploymentStatus status, IReadOnlyList<ReplicaSet> all, ReplicaSet? created, DateTimeOffset now)
    {
        var failures = new[] { created }.Concat(all).Select(static set => set?.Status?.Conditions?.Find(static condition => condition.Type == ReplicaSetStatuses.ReplicaFailure));
        if (failures.FirstOrDefault(static failure => failure is not null) is { } failure)
        {
            var at = failure.LastTransitionTime ?? now;
            DeploymentConditions.Set(status, DeploymentConditions.Make(failure.Type, failure.Status, failure.Reason ?? "", failure.Message ?? "", at));
        }
        else
        {
            DeploymentConditions.Remove(status, ReplicaSetStatuses.ReplicaFailure);
        }
    }

    public static bool Same(DeploymentStatus? one, DeploymentStatus other) => JsonNode.DeepEquals(Json(one ?? new()), Json(other));

    /// <summary>Null if one of the sets does not say; a set that nobody has looked at yet has none.</summary>
    private static int? Terminating(IReadOnlyList<ReplicaSet> all) =>
        all.Any(static set => set.Status is { ObservedGeneration: > 0, TerminatingReplicas: null }) ? null : all.Sum(static set => set.Status?.TerminatingReplicas ?? 0);

    private static JsonNode? Json(DeploymentStatus status) => JsonSerializer.SerializeToNode(status, KindsJson.Default.DeploymentStatus);
}
