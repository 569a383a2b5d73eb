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
    /// <summary>The manifests. Namespaces are applied first, then CustomResourceDefinitions, then the rest, several at once where none depends on another. May be empty.</summary>
    public List<TemplateEntry> Templates { get; set; } = [];

    /// <summary>Leave everything as it is until this is false again: nothing is applied, corrected or deleted. Default false.</summary>
    public bool? Suspend { get; set; }

    /// <summary>Delete what an earlier version of this template made and this one does not name. Default false.</summary>
    public bool? Prune { get; set; }

    /// <summary>What becomes of the objects when the template is deleted: Orphan (the default) leaves them, Delete deletes them in whatever namespace they are.</summary>
    [Schema(Enum = ["Orphan", "Delete"])]
    public string? DeletionPolicy { get; set; }
}

/// <summary>One manifest and how it is applied.</summary>
public sealed record TemplateEntry
{
    /// <summary>The manifest, literally. Without a namespace it goes to the KubeTemplate's own.</summary>
    [Schema(Type = "object", PreserveUnknownFields = true)]
    public JsonElement Object { get; set; }

    /// <summary>Name of the entry within the template, for dependsOn and in the status.</summary>
    [Schema(MaxLength = 63)]
    public string? Id { get; set; }

    /// <summary>Ids of entries that are applied (and, where they say so, ready) before this one.</summary>
    [Schema(MaxItems = 50)]
    public List<string>? DependsOn { get; set; }

    /// <summary>Ready: entries that depend on this one, and the template's own readiness, wait until the object is ready. Default: being applied is enough.</summary>
    [Schema(Enum = ["Ready"])]
    public string? WaitFor { get; set; }

    /// <summary>Take fields over that another field manager has, instead of failing with its name. Default false.</summary>
    public bool? Adopt { get; set; }

    /// <summary>JSON pointers to fields that are set when the object is made and left to others afterwards, for example /spec/replicas.</summary>
    [Schema(MaxItems = 100)]
    public List<string>? IgnoreFields { get; set; }

    /// <summary>Delete and create anew when a change is refused because a field is immutable. Default false.</summary>
    public bool? Replace { get; set; }

    /// <summary>Own the object, so that deleting the KubeTemplate deletes it; only where Kubernetes allows it (same namespace). Default false.</summary>
    public bool? Referenced { get; set; }
}
