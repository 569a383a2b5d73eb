using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>apps/v1 DaemonSet.</summary>
internal sealed record DaemonSet : KubeObject, IKubeObject<DaemonSet>
{
    public static ResourceType Resource { get; } = new("apps", "v1", "DaemonSet", "daemonsets", Namespaced: true);

    public static JsonTypeInfo<DaemonSet> JsonTypeInfo => KindsJson.Default.DaemonSet;

    public DaemonSetSpec Spec { get; set; } = new();

    public DaemonSetStatus? Status { get; set; }
}

internal sealed record DaemonSetSpec
{
    public WorkloadSelector? Selector { get; set; }

    public PodTemplate Template { get; set; } = new();

    public DaemonSetUpdateStrategy? UpdateStrategy { get; set; }

    public int? MinReadySeconds { get; set; }

    public int? RevisionHistoryLimit { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record DaemonSetUpdateStrategy
{
    public string? Type { get; set; }

    public RollingUpdateDaemonSet? RollingUpdate { get; set; }
}

internal sealed record RollingUpdateDaemonSet
{
    public IntOrString? MaxUnavailable { get; set; }

    public IntOrString? MaxSurge { get; set; }
}

/// <summary>Counts of nodes. The first four are always written.</summary>
internal sealed record DaemonSetStatus
{
    public int CurrentNumberScheduled { get; set; }

    public int NumberMisscheduled { get; set; }

    public int DesiredNumberScheduled { get; set; }

    public int NumberReady { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ObservedGeneration { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int UpdatedNumberScheduled { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int NumberAvailable { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int NumberUnavailable { get; set; }

    public int? CollisionCount { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}
