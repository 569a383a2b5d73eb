using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>How a ReplicaSet stands, from its pods. Pure.</summary>
internal static class ReplicaSetStatuses
{
    public const string ReplicaFailure = "ReplicaFailure";

    /// <param name="set">As it was read.</param>
    /// <param name="active">Its pods that have not ended.</param>
    /// <param name="terminating">How many of its pods are ending; null leaves it unsaid.</param>
    /// <param name="failure">Why pods could not be made or deleted.</param>
    /// <param name="now">For what is available.</param>
    public static ReplicaSetStatus Of(ReplicaSet set, List<Pod> active, int? terminating, Exception? failure, DateTimeOffset now)
    {
        var labels = set.Spec.Template.Metadata.Labels ?? [];
        var before = set.Status ?? new();
        return before with
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count(pod => labels.All(label => pod.Metadata.Labels?.GetValueOrDefault(label.Key) == label.Value)),
            ReadyReplicas = active.Count(static pod => pod.IsReady),
            AvailableReplicas = active.Count(pod => pod.IsAvailable(set.Spec.MinReadySeconds ?? 0, now)),
            TerminatingReplicas = terminating,
            Conditions = Conditions(before.Conditions, active.Count - (set.Spec.Replicas ?? 1), failure, now),
        };
    }

    public static bool Same(ReplicaSetStatus? one, ReplicaSetStatus other) => one is not null && JsonNode.DeepEquals(Json(one), Json(other));

    /// <summary>An object with another status.</summary>
    public static DynamicObject With(DynamicObject set, ReplicaSetStatus status)
    {
        var json = set.ToJson();
        json["status"] = Json(status);
        return DynamicObject.From(json);
    }

    private static List<PodCondition>? Conditions(List<PodCondition>? before, int surplus, Exception? failure, DateTimeOffset now)
    {
        var known = before?.Find(static condition => condition.Type == ReplicaFailure);
        if ((failure is null) == (known is null))
        {
            return before;
        }

        var others = before?.Where(static condition => condition.Type != ReplicaFailure).ToList() ?? [];
        if (failure is not null)
        {
            others.Add(new()
            {
                Type = ReplicaFailure, Status = "True", LastTransitionTime = now, Reason = surplus < 0 ? "FailedCreate" : "FailedDelete", Message = FailureText.Of(failure),
            });
        }

        return others.Count == 0 ? null : others;
    }

    private static JsonNode? Json(ReplicaSetStatus status) => JsonSerializer.SerializeToNode(status, KindsJson.Default.ReplicaSetStatus);
}
