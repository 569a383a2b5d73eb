using Capstan.Applying;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Storage;

/// <summary>Updates of claims and volumes, each only of the version that was read; nothing is sent when nothing changes.</summary>
internal sealed class StorageWrites(KubeClient client)
{
    private static readonly WriteOptions AsManager = new() { FieldManager = NamespaceController.Manager };
    private static readonly WriteOptions StatusAsManager = AsManager with { Subresource = "status" };

    /// <summary>Binds both to each other in the order that can be resumed after any step: the volume first, since it is what others compete for.</summary>
    public async Task BindAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var bound = await KeepAsync(volume, claim, cancellationToken);
        bound = await SetPhaseAsync(bound, "Bound", null, cancellationToken);
        var completed = await CompleteAsync(claim, bound, cancellationToken);
        await SetPhaseAsync(completed, "Bound", bound, cancellationToken);
    }

    public async Task<PersistentVolume> SetPhaseAsync(PersistentVolume volume, string phase, string? message, CancellationToken cancellationToken)
    {
        if (volume.Phase == phase)
        {
            return volume;
        }

        var status = (volume.Status ?? new()) with { Phase = phase, Message = message };
        return await client.UpdateAsync(volume with { Status = status }, StatusAsManager, cancellationToken);
    }

    /// <summary>Sets the phase of a claim, and what it has of its volume; what it can hold is the volume's from the moment that it is bound on.</summary>
    public async Task<PersistentVolumeClaim> SetPhaseAsync(PersistentVolumeClaim claim, string phase, PersistentVolume? volume, CancellationToken cancellationToken)
    {
        var before = claim.Status ?? new();
        var status = before with { Phase = phase, AccessModes = volume?.Spec.AccessModes, Capacity = volume is null ? null : before.Capacity };
        if (volume is null)
        {
            status.CurrentVolumeAttributesClassName = null;
        }
        else if (before.Phase != phase)
        {
            status.Capacity = volume.Spec.Capacity;
            status.CurrentVolumeAttributesClassName = volume.Spec.VolumeAttributesClassName;
        }

        var isSame = before.Phase == phase && (before.AccessModes ?? []).SequenceEqual(status.AccessModes ?? []) && (before.Capacity is null) == (status.Capacity is null);
        return isSame ? claim : await client.UpdateAsync(claim with { Status = status }, StatusAsManager, cancellationToken);
    }

    public Task<PersistentVolumeClaim> AnnotateAsync(PersistentVolumeClaim claim, IEnumerable<(string Name, string Value)> annotations, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>(claim.Metadata.Annotations ?? []);
        foreach (var (name, value) in annotations)
        {
            all[name] = value;
        }

        return client.UpdateAsync(claim with { Metadata = claim.Metadata with { Annotations = all } }, AsManager, cancellationToken);
    }

    public Task<PersistentVolumeClaim> SetClassAsync(PersistentVolumeClaim claim, string name, CancellationToken cancellationToken) =>
        client.UpdateAsync(claim with { Spec = claim.Spec with { StorageClassName = name } }, AsManager, cancellationToken);

    /// <summary>Gives up a volume that was chosen for a claim which has another; one that its maker kept for the claim stays kept.</summary>
    public async Task UnbindAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        var annotations = new Dictionary<string, string>(volume.Metadata.Annotations ?? []);
        var reference = annotations.Remove(StorageNames.BoundByController) ? null : volume.Spec.ClaimRef! with { Uid = null };
        var freed = await client.UpdateAsync(
            volume with { Metadata = volume.Metadata with { Annotations = annotations }, Spec = volume.Spec with { ClaimRef = reference } }, AsManager, cancellationToken);
        await SetPhaseAsync(freed, "Available", null, cancellationToken);
    }

    private async Task<PersistentVolume> KeepAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef is { } reference && volume.IsFor(claim) && reference.Uid == claim.Metadata.Uid)
        {
            return volume;
        }

        var annotations = volume.Metadata.Annotations;
        if (!volume.IsFor(claim))
        {
            annotations = new(annotations ?? []) { [StorageNames.BoundByController] = "yes" };
        }

        return await client.UpdateAsync(
            volume with { Metadata = volume.Metadata with { Annotations = annotations }, Spec = volume.Spec with { ClaimRef = ObjectReference.To(claim) } }, AsManager, cancellationToken);
    }

    private async Task<PersistentVolumeClaim> CompleteAsync(PersistentVolumeClaim claim, PersistentVolume volume, CancellationToken cancellationToken)
    {
        var annotations = new Dictionary<string, string>(claim.Metadata.Annotations ?? []);
        if (claim.Spec.VolumeName != volume.Metadata.Name)
        {
            annotations.TryAdd(StorageNames.BoundByController, "yes");
        }
        else if (annotations.ContainsKey(StorageNames.BindCompleted))
        {
            return claim;
        }

        annotations[StorageNames.BindCompleted] = "yes";
        return await client.UpdateAsync(
            claim with { Metadata = claim.Metadata with { Annotations = annotations }, Spec = claim.Spec with { VolumeName = volume.Metadata.Name } }, AsManager, cancellationToken);
    }
}
