using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Storage;

/// <summary>Which volume a claim can have. Pure.</summary>
internal static class VolumeMatch
{
    /// <summary>The volume that is kept for the claim, else the smallest free one of its class that is large enough.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="volumes">All volumes.</param>
    /// <param name="onlyKept">Whether the choice of a free one is left to the first pod.</param>
    public static PersistentVolume? Find(PersistentVolumeClaim claim, IReadOnlyList<PersistentVolume> volumes, bool onlyKept)
    {
        var large = volumes.Where(volume => volume.Metadata.DeletionTimestamp is null && Fits(claim, volume)).ToList();
        return large.Find(volume => volume.IsFor(claim))
            ?? (onlyKept ? null : large
                .Where(volume => volume.Spec.ClaimRef is null && volume.Phase == "Available" && (volume.Spec.StorageClassName ?? "") == claim.ClassName
                    && (claim.Spec.Selector?.Selector ?? LabelSelector.Everything).Matches(volume.Metadata.Labels))
                .OrderBy(volume => volume.Spec.AccessModes?.Count ?? 0)
                .ThenBy(volume => CapacityOf(volume))
                .FirstOrDefault());
    }

    /// <summary>In Kubernetes' words, why a volume that the claim names cannot be its; null if it can.</summary>
    public static string? Mismatch(PersistentVolumeClaim claim, PersistentVolume volume) =>
        volume.Metadata.DeletionTimestamp is not null ? $"the volume is marked for deletion \"{volume.Metadata.Name}\""
        : CapacityOf(volume).CompareTo(claim.Request) < 0 ? "requested PV is too small"
        : (volume.Spec.StorageClassName ?? "") != claim.ClassName ? "storageClassName does not match"
        : (volume.Spec.VolumeAttributesClassName ?? "") != (claim.Spec.VolumeAttributesClassName ?? "") ? "volumeAttributesClassName does not match"
        : !SameMode(claim, volume) ? "incompatible volumeMode"
        : !HasModes(claim, volume) ? "incompatible accessMode"
        : null;

    public static bool SameMode(PersistentVolumeClaim claim, PersistentVolume volume) => (claim.Spec.VolumeMode ?? "Filesystem") == (volume.Spec.VolumeMode ?? "Filesystem");

    public static Quantity CapacityOf(PersistentVolume volume) => volume.Spec.Capacity?.GetValueOrDefault("storage") ?? default;

    private static bool Fits(PersistentVolumeClaim claim, PersistentVolume volume) =>
        CapacityOf(volume).CompareTo(claim.Request) >= 0 && SameMode(claim, volume) && HasModes(claim, volume)
        && (volume.Spec.VolumeAttributesClassName ?? "") == (claim.Spec.VolumeAttributesClassName ?? "");

    private static bool HasModes(PersistentVolumeClaim claim, PersistentVolume volume) => (claim.Spec.AccessModes ?? []).TrueForAll(mode => volume.Spec.AccessModes?.Contains(mode) == true);
}
