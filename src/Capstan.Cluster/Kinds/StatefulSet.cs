using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>apps/v1 StatefulSet.</summary>
internal sealed record StatefulSet : KubeObject, IKubeObject<StatefulSet>
{
    public static ResourceType Resource { get; } = new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true);

    public static JsonTypeInfo<StatefulSet> JsonTypeInfo => KindsJson.Default.StatefulSet;

    public StatefulSetSpec Spec { get; set; } = new();

    public StatefulSetStatus? Status { get; set; }
}

internal sealed record StatefulSetSpec
{
    public int? Replicas { get; set; }

    public WorkloadSelector? Selector { get; set; }

    public PodTemplate Template { get; set; } = new();

    /// <summary>Each a claim, as written.</summary>
    public List<JsonObject>? VolumeClaimTemplates { get; set; }

    public string? ServiceName { get; set; }

    public string? PodManagementPolicy { get; set; }

    public StatefulSetUpdateStrategy? UpdateStrategy { get; set; }

    public int? RevisionHistoryLimit { get; set; }

    public int? MinReadySeconds { get; set; }

    public ClaimRetentionPolicy? PersistentVolumeClaimRetentionPolicy { get; set; }

    public StatefulSetOrdinals? Ordinals { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record StatefulSetUpdateStrategy
{
    public string? Type { get; set; }

    public RollingUpdateStatefulSet? RollingUpdate { get; set; }
}

internal sealed record RollingUpdateStatefulSet
{
    public int? Partition { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record ClaimRetentionPolicy
{
    public string? WhenDeleted { get; set; }

    public string? WhenScaled { get; set; }
}

internal sealed record StatefulSetOrdinals
{
    public int? Start { get; set; }
}

/// <summary>Counts that are nothing are not written, but for all replicas and those that are available.</summary>
internal sealed record StatefulSetStatus
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ObservedGeneration { get; set; }

    public int Replicas { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int ReadyReplicas { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int CurrentReplicas { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int UpdatedReplicas { get; set; }

    public string? CurrentRevision { get; set; }

    public string? UpdateRevision { get; set; }

    public int? CollisionCount { get; set; }

    public int AvailableReplicas { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}
