using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>autoscaling/v2 HorizontalPodAutoscaler.</summary>
internal sealed record HorizontalPodAutoscaler : KubeObject, IKubeObject<HorizontalPodAutoscaler>
{
    public static ResourceType Resource { get; } = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Namespaced: true);

    public static JsonTypeInfo<HorizontalPodAutoscaler> JsonTypeInfo => KindsJson.Default.HorizontalPodAutoscaler;

    public AutoscalerSpec Spec { get; set; } = new();

    public AutoscalerStatus? Status { get; set; }
}

internal sealed record AutoscalerSpec
{
    public ScaleTarget ScaleTargetRef { get; set; } = new();

    public int? MinReplicas { get; set; }

    public int MaxReplicas { get; set; }

    public List<MetricSpec>? Metrics { get; set; }

    public ScalingBehavior? Behavior { get; set; }
}

internal sealed record ScaleTarget
{
    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";

    public string? ApiVersion { get; set; }
}

internal sealed record MetricSpec
{
    public string Type { get; set; } = "";

    public ResourceMetric? Resource { get; set; }

    public ResourceMetric? ContainerResource { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record ResourceMetric
{
    public string Name { get; set; } = "";

    public string? Container { get; set; }

    public MetricTarget Target { get; set; } = new();
}

internal sealed record MetricTarget
{
    public string Type { get; set; } = "";

    public Quantity? Value { get; set; }

    public Quantity? AverageValue { get; set; }

    public int? AverageUtilization { get; set; }
}

internal sealed record ScalingBehavior
{
    public ScalingRules? ScaleUp { get; set; }

    public ScalingRules? ScaleDown { get; set; }
}

internal sealed record ScalingRules
{
    public int? StabilizationWindowSeconds { get; set; }

    public string? SelectPolicy { get; set; }

    public List<ScalingPolicy>? Policies { get; set; }

    public Quantity? Tolerance { get; set; }
}

internal sealed record ScalingPolicy
{
    public string Type { get; set; } = "";

    public int Value { get; set; }

    public int PeriodSeconds { get; set; }
}

internal sealed record AutoscalerStatus
{
    public long? ObservedGeneration { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastScaleTime { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int CurrentReplicas { get; set; }

    public int DesiredReplicas { get; set; }

    /// <summary>One for each metric of the spec, in its order; of one that could not be read nothing is known.</summary>
    public List<JsonObject>? CurrentMetrics { get; set; }

    public List<PodCondition>? Conditions { get; set; }
}
