using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan.Applying;

namespace Capstan.Cluster.Kinds;

/// <summary>v1 PersistentVolume.</summary>
internal sealed record PersistentVolume : KubeObject, IKubeObject<PersistentVolume>
{
    public static ResourceType Resource { get; } = new("", "v1", "PersistentVolume", "persistentvolumes", Namespaced: false);

    public static JsonTypeInfo<PersistentVolume> JsonTypeInfo => KindsJson.Default.PersistentVolume;

    public PersistentVolumeSpec Spec { get; set; } = new();

    public PersistentVolumeStatus? Status { get; set; }

    [JsonIgnore]
    public string Phase => Status?.Phase ?? "";

    /// <summary>Whether it is kept for this claim: by name while nobody has looked yet, by uid afterwards.</summary>
    public bool IsFor(PersistentVolumeClaim claim) =>
        Spec.ClaimRef is { } reference && reference.Name == claim.Metadata.Name && reference.Namespace == claim.Metadata.Namespace
        && (string.IsNullOrEmpty(reference.Uid) || reference.Uid == claim.Metadata.Uid);
}

internal sealed record PersistentVolumeSpec
{
    public Dictionary<string, Quantity>? Capacity { get; set; }

    public HostPath? HostPath { get; set; }

    public List<string>? AccessModes { get; set; }

    public ObjectReference? ClaimRef { get; set; }

    public string? PersistentVolumeReclaimPolicy { get; set; }

    public string? StorageClassName { get; set; }

    public string? VolumeMode { get; set; }

    public string? VolumeAttributesClassName { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record HostPath
{
    public string Path { get; set; } = "";

    public string? Type { get; set; }
}

internal sealed record PersistentVolumeStatus
{
    public string? Phase { get; set; }

    public string? Message { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>v1 PersistentVolumeClaim.</summary>
internal sealed record PersistentVolumeClaim : KubeObject, IKubeObject<PersistentVolumeClaim>
{
    public static ResourceType Resource { get; } = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);

    public static JsonTypeInfo<PersistentVolumeClaim> JsonTypeInfo => KindsJson.Default.PersistentVolumeClaim;

    public PersistentVolumeClaimSpec Spec { get; set; } = new();

    public PersistentVolumeClaimStatus? Status { get; set; }

    /// <summary>Name of its class; the annotation is older than the field and wins. Empty: none is wanted.</summary>
    [JsonIgnore]
    public string ClassName => Metadata.Annotations?.GetValueOrDefault("volume.beta.kubernetes.io/storage-class") ?? Spec.StorageClassName ?? "";

    [JsonIgnore]
    public Quantity Request => Spec.Resources?.Requests?.GetValueOrDefault("storage") ?? default;
}

internal sealed record PersistentVolumeClaimSpec
{
    public List<string>? AccessModes { get; set; }

    public WorkloadSelector? Selector { get; set; }

    public Resources? Resources { get; set; }

    public string? VolumeName { get; set; }

    public string? StorageClassName { get; set; }

    public string? VolumeMode { get; set; }

    public string? VolumeAttributesClassName { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record PersistentVolumeClaimStatus
{
    public string? Phase { get; set; }

    public List<string>? AccessModes { get; set; }

    public Dictionary<string, Quantity>? Capacity { get; set; }

    public Dictionary<string, Quantity>? AllocatedResources { get; set; }

    public Dictionary<string, string>? AllocatedResourceStatuses { get; set; }

    public List<PodCondition>? Conditions { get; set; }

    public string? CurrentVolumeAttributesClassName { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

/// <summary>storage.k8s.io/v1 StorageClass.</summary>
internal sealed record StorageClass : KubeObject, IKubeObject<StorageClass>
{
    public const string IsDefault = "storageclass.kubernetes.io/is-default-class";

    public static ResourceType Resource { get; } = new("storage.k8s.io", "v1", "StorageClass", "storageclasses", Namespaced: false);

    public static JsonTypeInfo<StorageClass> JsonTypeInfo => KindsJson.Default.StorageClass;

    public string Provisioner { get; set; } = "";

    public JsonObject? Parameters { get; set; }

    public string? ReclaimPolicy { get; set; }

    public bool? AllowVolumeExpansion { get; set; }

    public string? VolumeBindingMode { get; set; }
}
