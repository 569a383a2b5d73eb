using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Storage;

/// <summary>Says of a volume whether it is free, bound, or released by a claim that is gone.</summary>
internal sealed class VolumeReconciler(KubeClient client, StorageWrites writes, Informer claims, Informer volumes, ComponentEvents events) : Reconciler
{
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (volumes.CacheOf<PersistentVolume>().Get(key) is not { } volume)
        {
            return ReconcileResult.Done;
        }

        try
        {
            await SyncAsync(volume, cancellationToken);
            return ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict)
        {
            return ReconcileResult.Requeue;
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return ReconcileResult.Done;
        }
    }

    private async Task SyncAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef is not { Uid.Length: > 0 } reference)
        {
            await writes.SetPhaseAsync(volume, "Available", null, cancellationToken);
            return;
        }

        // A claim that is not there, or another, is asked for: what is released may be deleted with all that it holds.
        var key = new ObjectKey(reference.Namespace ?? "", reference.Name ?? "");
        var claim = claims.CacheOf<PersistentVolumeClaim>().Get(key);
        if (claim?.Metadata.Uid != reference.Uid)
        {
            claim = await client.FindAsync<PersistentVolumeClaim>(key, cancellationToken);
        }

        if (claim?.Metadata.Uid != reference.Uid)
        {
            await ReleaseAsync(volume, cancellationToken);
        }
        else if (claim!.Spec.VolumeName == volume.Metadata.Name)
        {
            await writes.SetPhaseAsync(volume, "Bound", null, cancellationToken);
        }
        else if (string.IsNullOrEmpty(claim.Spec.VolumeName))
        {
            if (!VolumeMatch.SameMode(claim, volume))
            {
                events.Warning(volume, "VolumeMismatch", $"Cannot bind PersistentVolume to requested PersistentVolumeClaim \"{claim.Metadata.Name}\" due to incompatible volumeMode.");
                events.Warning(claim, "VolumeMismatch", $"Cannot bind PersistentVolume \"{volume.Metadata.Name}\" to requested PersistentVolumeClaim due to incompatible volumeMode.");
            }
        }
        else if (volume.Metadata.Annotations?.ContainsKey(StorageNames.ProvisionedBy) == true && volume.Spec.PersistentVolumeReclaimPolicy == "Delete")
        {
            await ReleaseAsync(volume, cancellationToken);
        }
        else
        {
            await writes.UnbindAsync(volume, cancellationToken);
        }
    }

    private async Task ReleaseAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Phase is not ("Released" or "Failed"))
        {
            volume = await writes.SetPhaseAsync(volume, "Released", null, cancellationToken);
        }

        // What a provisioner made it also removes.
        if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete" && volume.Phase != "Failed" && volume.Metadata.Annotations?.ContainsKey(StorageNames.ProvisionedBy) != true)
        {
            const string Message = "no provisioner made this volume, so nobody deletes what it holds";
            var failed = await writes.SetPhaseAsync(volume, "Failed", Message, cancellationToken);
            events.Warning(failed, "VolumeFailedDelete", Message);
        }
    }
}
