using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>A kind that keeps so many pods of a template: the ReplicaSet, and what was before it.</summary>
/// <param name="Resource">The kind.</param>
/// <param name="Component">Who tells of it in events.</param>
/// <param name="CountsTerminating">Whether its status says how many pods are ending.</param>
/// <param name="Read">Reads one.</param>
internal sealed record ReplicaSetKind(ResourceType Resource, string Component, bool CountsTerminating, Func<DynamicObject, ReplicaSet> Read)
{
    public static ReplicaSetKind ReplicaSets { get; } = new(ReplicaSet.Resource, "replicaset-controller", true, static value => value.To<ReplicaSet>());

    public static ReplicaSetKind ReplicationControllers { get; } =
        new(new("", "v1", "ReplicationController", "replicationcontrollers", Namespaced: true), "replication-controller", false, ReadController);

    private static ReplicaSet ReadController(DynamicObject value)
    {
        var json = value.ToJson();
        if (json["spec"] is JsonObject spec && spec["selector"] is { } labels)
        {
            // Its selector is of labels only.
            spec["selector"] = new JsonObject { ["matchLabels"] = labels.DeepClone() };
        }

        return DynamicObject.From(json).To<ReplicaSet>();
    }
}
