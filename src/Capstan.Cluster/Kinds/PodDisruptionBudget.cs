using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>policy/v1 PodDisruptionBudget.</summary>
internal sealed record PodDisruptionBudget : KubeObject, IKubeObject<PodDisruptionBudget>
{
    public static ResourceType Resource { get; } = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespaced: true);

    public static JsonTypeInfo<PodDisruptionBudget> JsonTypeInfo => KindsJson.Default.PodDisruptionBudget;

    public PodDisruptionBudgetSpec Spec { get; set; } = new();

    public PodDisruptionBudgetStatus? Status { get; set; }
}

internal sealed record PodDisruptionBudgetSpec
{
    public IntOrString? MinAvailable { get; set; }

    public IntOrString? MaxUnavailable { get; set; }

    public WorkloadSelector? Selector { get; set; }

    public string? UnhealthyPodEvictionPolicy { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record PodDisruptionBudgetStatus
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ObservedGeneration { get; set; }

    /// <summary>Pods that the server has let go, and when; until they are seen to go.</summary>
    public Dictionary<string, string>? DisruptedPods { get; set; }

    public int DisruptionsAllowed { get; set; }

    public int CurrentHealthy { get; set; }

    public int DesiredHealthy { get; set; }

    public int ExpectedPods { get; set; }

    public List<Condition>? Conditions { get; set; }
}
