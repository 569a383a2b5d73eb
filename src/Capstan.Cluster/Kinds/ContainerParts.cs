using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Cluster.Kinds;

/// <summary>Whom a pod's programs run as.</summary>
internal sealed record PodSecurityContext
{
    public long? RunAsUser { get; set; }

    public long? RunAsGroup { get; set; }

    public long? FsGroup { get; set; }

    public List<long>? SupplementalGroups { get; set; }

    public bool? RunAsNonRoot { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>The same for one container.</summary>
internal sealed record ContainerSecurityContext
{
    public long? RunAsUser { get; set; }

    public long? RunAsGroup { get; set; }

    public bool? RunAsNonRoot { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record ReadinessGate
{
    public string ConditionType { get; set; } = "";
}

/// <summary>A variable of a container: a value, or where it comes from.</summary>
internal sealed record EnvironmentVariable
{
    public string Name { get; set; } = "";

    public string? Value { get; set; }

    public ValueSource? ValueFrom { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>One of them.</summary>
internal sealed record ValueSource
{
    public FieldReference? FieldRef { get; set; }

    public ResourceReference? ResourceFieldRef { get; set; }

    public KeyReference? ConfigMapKeyRef { get; set; }

    public KeyReference? SecretKeyRef { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record FieldReference
{
    public string? ApiVersion { get; set; }

    public string FieldPath { get; set; } = "";
}

internal sealed record ResourceReference
{
    public string? ContainerName { get; set; }

    public string Resource { get; set; } = "";

    public Quantity? Divisor { get; set; }
}

/// <summary>A key of a Secret or a ConfigMap.</summary>
internal sealed record KeyReference
{
    public string? Name { get; set; }

    public string Key { get; set; } = "";

    public bool? Optional { get; set; }
}

/// <summary>All keys of a Secret or a ConfigMap as variables.</summary>
internal sealed record EnvironmentSource
{
    public string? Prefix { get; set; }

    public NameReference? ConfigMapRef { get; set; }

    public NameReference? SecretRef { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record NameReference
{
    public string? Name { get; set; }

    public bool? Optional { get; set; }
}

internal sealed record VolumeMount
{
    public string Name { get; set; } = "";

    public string MountPath { get; set; } = "";

    public string? SubPath { get; set; }

    public string? SubPathExpr { get; set; }

    public bool? ReadOnly { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record Probe
{
    public ExecAction? Exec { get; set; }

    public HttpGetAction? HttpGet { get; set; }

    public TcpSocketAction? TcpSocket { get; set; }

    public GrpcAction? Grpc { get; set; }

    public int? InitialDelaySeconds { get; set; }

    public int? PeriodSeconds { get; set; }

    public int? TimeoutSeconds { get; set; }

    public int? SuccessThreshold { get; set; }

    public int? FailureThreshold { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record ExecAction
{
    public List<string>? Command { get; set; }
}

internal sealed record HttpGetAction
{
    public string? Path { get; set; }

    public IntOrString Port { get; set; }

    public string? Host { get; set; }

    public string? Scheme { get; set; }

    public List<HttpHeader>? HttpHeaders { get; set; }
}

internal sealed record HttpHeader
{
    public string Name { get; set; } = "";

    public string? Value { get; set; }
}

internal sealed record TcpSocketAction
{
    public IntOrString Port { get; set; }

    public string? Host { get; set; }
}

internal sealed record GrpcAction
{
    public int Port { get; set; }

    public string? Service { get; set; }
}

internal sealed record Lifecycle
{
    public LifecycleHandler? PostStart { get; set; }

    public LifecycleHandler? PreStop { get; set; }

    public string? StopSignal { get; set; }
}

/// <summary>One of them.</summary>
internal sealed record LifecycleHandler
{
    public ExecAction? Exec { get; set; }

    public HttpGetAction? HttpGet { get; set; }

    public SleepAction? Sleep { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record SleepAction
{
    public long Seconds { get; set; }
}
