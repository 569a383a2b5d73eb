using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>v1 Pod: what controllers and the node look at has a name here; all else stays in the unknown fields.</summary>
internal sealed record Pod : KubeObject, IKubeObject<Pod>
{
    public static ResourceType Resource { get; } = new("", "v1", "Pod", "pods", Namespaced: true);

    public static JsonTypeInfo<Pod> JsonTypeInfo => KindsJson.Default.Pod;

    public PodSpec Spec { get; set; } = new();

    public PodStatus? Status { get; set; }

    /// <summary>Neither ended nor about to be deleted: what a controller counts.</summary>
    [JsonIgnore]
    public bool IsActive => Metadata.DeletionTimestamp is null && !HasEnded;

    [JsonIgnore]
    public bool HasEnded => Status?.Phase is "Succeeded" or "Failed";

    /// <summary>Being deleted, and its containers may run still.</summary>
    [JsonIgnore]
    public bool IsTerminating => Metadata.DeletionTimestamp is not null && !HasEnded;

    [JsonIgnore]
    public bool IsReady => Condition("Ready") is { Status: "True" };

    public PodCondition? Condition(string type) => Status?.Conditions?.Find(condition => condition.Type == type);

    /// <summary>Ready for at least so long; a pod that is ready at once is available at once when no time is asked for.</summary>
    public bool IsAvailable(int minReadySeconds, DateTimeOffset now) =>
        Condition("Ready") is { Status: "True" } ready && (minReadySeconds == 0 || (ready.LastTransitionTime is { } since && since.AddSeconds(minReadySeconds) <= now));
}

internal sealed record PodSpec
{
    public string? NodeName { get; set; }

    public string? Hostname { get; set; }

    public string? Subdomain { get; set; }

    public string? RestartPolicy { get; set; }

    public string? ServiceAccountName { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }

    public long? ActiveDeadlineSeconds { get; set; }

    public bool? HostNetwork { get; set; }

    public PodSecurityContext? SecurityContext { get; set; }

    public bool? EnableServiceLinks { get; set; }

    public List<ReadinessGate>? ReadinessGates { get; set; }

    public Dictionary<string, string>? NodeSelector { get; set; }

    public List<Container>? InitContainers { get; set; }

    public List<Container> Containers { get; set; } = [];

    /// <summary>Each with its name and one source, as written.</summary>
    public List<JsonObject>? Volumes { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record Container
{
    public string Name { get; set; } = "";

    public string? Image { get; set; }

    public string? RestartPolicy { get; set; }

    public List<string>? Command { get; set; }

    public List<string>? Args { get; set; }

    public string? WorkingDir { get; set; }

    public List<ContainerPort>? Ports { get; set; }

    public List<EnvironmentSource>? EnvFrom { get; set; }

    public List<EnvironmentVariable>? Env { get; set; }

    public Resources? Resources { get; set; }

    public List<VolumeMount>? VolumeMounts { get; set; }

    public Probe? StartupProbe { get; set; }

    public Probe? LivenessProbe { get; set; }

    public Probe? ReadinessProbe { get; set; }

    public Lifecycle? Lifecycle { get; set; }

    public ContainerSecurityContext? SecurityContext { get; set; }

    public string? TerminationMessagePath { get; set; }

    public string? TerminationMessagePolicy { get; set; }

    public bool? Stdin { get; set; }

    public bool? StdinOnce { get; set; }

    public bool? Tty { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record ContainerPort
{
    public string? Name { get; set; }

    [JsonPropertyName("containerPort")]
    public int Number { get; set; }

    public string? Protocol { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record Resources
{
    public Dictionary<string, Quantity>? Requests { get; set; }

    public Dictionary<string, Quantity>? Limits { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record PodStatus
{
    public string? Phase { get; set; }

    public long? ObservedGeneration { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? StartTime { get; set; }

    public string? HostIP { get; set; }

    public List<PodAddress>? HostIPs { get; set; }

    public string? PodIP { get; set; }

    public List<PodAddress>? PodIPs { get; set; }

    public List<PodCondition>? Conditions { get; set; }

    public List<ContainerStatus>? InitContainerStatuses { get; set; }

    public List<ContainerStatus>? ContainerStatuses { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record PodAddress
{
    public string Ip { get; set; } = "";
}

internal sealed record PodCondition
{
    public string Type { get; set; } = "";

    public string Status { get; set; } = "";

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public long? ObservedGeneration { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record ContainerStatus
{
    public string Name { get; set; } = "";

    public bool Ready { get; set; }

    public bool? Started { get; set; }

    public int RestartCount { get; set; }

    public string? Image { get; set; }

    public string? ImageID { get; set; }

    public string? ContainerID { get; set; }

    public ContainerState? State { get; set; }

    public ContainerState? LastState { get; set; }

    public Dictionary<string, Quantity>? AllocatedResources { get; set; }

    public Resources? Resources { get; set; }

    public List<MountStatus>? VolumeMounts { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record MountStatus
{
    public string Name { get; set; } = "";

    public string MountPath { get; set; } = "";

    public bool? ReadOnly { get; set; }

    public string? RecursiveReadOnly { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>One of the three.</summary>
internal sealed record ContainerState
{
    public WaitingState? Waiting { get; set; }

    public RunningState? Running { get; set; }

    public TerminatedState? Terminated { get; set; }
}

internal sealed record WaitingState
{
    public string? Reason { get; set; }

    public string? Message { get; set; }
}

internal sealed record RunningState
{
    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? StartedAt { get; set; }
}

internal sealed record TerminatedState
{
    public int ExitCode { get; set; }

    public int? Signal { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? StartedAt { get; set; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? FinishedAt { get; set; }

    public string? ContainerID { get; set; }
}
