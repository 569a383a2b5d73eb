using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan;

namespace KubeTemplater.Resources;

/// <summary>Many Kubernetes objects from one, held to the KubeTemplatePolicy of its namespace.</summary>
[PrinterColumn("Status", ".status.processingPhase")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[PrinterColumn("Retry Cycle", ".status.retryCycle", Type = "integer", Priority = 1)]
[PrinterColumn("Resources", ".status.resourcesSynced", Priority = 1)]
[PrinterColumn("Last Reconcile", ".status.lastReconcileTime", Type = "date", Priority = 1)]
[PrinterColumn("Drift Count", ".status.driftDetectionCount", Type = "integer", Priority = 1)]
[PrinterColumn("Last Drift", ".status.lastDriftDetected", Type = "date", Priority = 1)]
public sealed record KubeTemplate : KubeObject, IKubeObject<KubeTemplate>
{
    /// <summary>What is wanted.</summary>
    [Schema(Optional = true)]
    public KubeTemplateSpec Spec { get; set; } = new();

    /// <summary>What became of it; written by the operator alone.</summary>
    public KubeTemplateStatus? Status { get; set; }

    /// <inheritdoc/>
    public static ResourceType Resource { get; } = new("kubetemplater.io", "v1alpha1", "KubeTemplate", "kubetemplates", Namespaced: true);

    /// <inheritdoc/>
    public static JsonTypeInfo<KubeTemplate> JsonTypeInfo => ResourcesJson.Default.KubeTemplate;
}

/// <summary>Desired state of a <see cref="KubeTemplate"/>.</summary>
public sealed record KubeTemplateSpec
{
    /// <summary>The manifests, in the order in which they are applied. May be empty.</summary>
    public List<TemplateEntry> Templates { get; set; } = [];
}

/// <summary>One manifest and how it is applied.</summary>
public sealed record TemplateEntry
{
    /// <summary>The manifest, literally. Without a namespace it goes to the KubeTemplate's own.</summary>
    [Schema(Type = "object", PreserveUnknownFields = true)]
    public JsonElement Object { get; set; }

    /// <summary>Delete and create anew when a change is refused because a field is immutable. Default false.</summary>
    public bool? Replace { get; set; }

    /// <summary>Own the object, so that deleting the KubeTemplate deletes it; only where Kubernetes allows it (same namespace). Default false.</summary>
    public bool? Referenced { get; set; }
}

/// <summary>Observed state of a <see cref="KubeTemplate"/>.</summary>
public sealed record KubeTemplateStatus
{
    /// <summary>For people: <c>Completed</c>, or <c>Error: </c> and why.</summary>
    public string? Status { get; set; }

    /// <summary>Queued, Processing, Completed, Failed or Paused; empty until processed first.</summary>
    public string? ProcessingPhase { get; set; }

    /// <summary>When the change that was processed last came in.</summary>
    public DateTimeOffset? QueuedAt { get; set; }

    /// <summary>When processing ended.</summary>
    public DateTimeOffset? ProcessedAt { get; set; }

    /// <summary>Failed attempts in the current cycle.</summary>
    public int? RetryCount { get; set; }

    /// <summary>Cycles of retries begun.</summary>
    public int? RetryCycle { get; set; }

    /// <summary>SHA-256 of the spec that was applied last, in hex.</summary>
    public string? AppliedSpecHash { get; set; }

    /// <summary>When retrying was given up.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>Why retrying was given up.</summary>
    public string? PausedReason { get; set; }

    /// <summary>When the objects were compared last.</summary>
    public DateTimeOffset? LastReconcileTime { get; set; }

    /// <summary>Number of manifests.</summary>
    public int? ResourcesTotal { get; set; }

    /// <summary>Number of manifests that the server has as wanted.</summary>
    public int? ResourcesSynced { get; set; }

    /// <summary>Number of comparisons made by dry run; written by the Go operator only.</summary>
    public int? DryRunChecks { get; set; }

    /// <summary>When an object was found changed by others.</summary>
    public DateTimeOffset? LastDriftDetected { get; set; }

    /// <summary>How often that happened.</summary>
    public int? DriftDetectionCount { get; set; }

    /// <summary><c>metadata.generation</c> that this status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary><c>Ready</c>: whether all manifests are applied.</summary>
    public List<Condition>? Conditions { get; set; }
}

/// <summary>Values of <see cref="KubeTemplateStatus.ProcessingPhase"/>, as the Go operator writes them.</summary>
public static class Phases
{
    /// <summary>Waits for a worker, for more than ten seconds.</summary>
    public const string Queued = "Queued";

    /// <summary>Is being applied, for more than ten seconds.</summary>
    public const string Processing = "Processing";

    /// <summary>All manifests are applied.</summary>
    public const string Completed = "Completed";

    /// <summary>Not all are; <see cref="KubeTemplateStatus.Status"/> says why.</summary>
    public const string Failed = "Failed";
}
