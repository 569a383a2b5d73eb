using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>apps/v1 ReplicaSet.</summary>
internal sealed record ReplicaSet : KubeObject, IKubeObject<ReplicaSet>
{
    public static ResourceType Resource { get; } = new("apps", "v1", "ReplicaSet", "replicasets", Namespaced: true);

    public static JsonTypeInfo<ReplicaSet> JsonTypeInfo => KindsJson.Default.ReplicaSet;

    public ReplicaSetSpec Spec { get; set; } = new();

    public ReplicaSetStatus? Status { get; set; }
}

internal sealed record ReplicaSetSpec
{
    public int? Replicas { get; set; }

    public int? MinReadySeconds { get; set; }

    public WorkloadSelector? Selector { get; set; }

    public PodTemplate Template { get; set; } = new();

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>Counts that are nothing are not written, but for all replicas, and for those that end, which are nothing or not known.</summary>
internal sealed record ReplicaSetStatus
{
    public int Replicas { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int FullyLabeledReplicas { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int ReadyReplicas { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int AvailableReplicas { get; set; }

    public int? TerminatingReplicas { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ObservedGeneration { get; set; }

    public List<PodCondition>? Conditions { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}
