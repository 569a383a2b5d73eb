using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Storage;

/// <summary>Removes provisioned volumes that their claims have released, with what they hold; those of policy Retain stay.</summary>
internal sealed class DirectoryReclaim(KubeClient client, VolumeDirectories directories, Informer volumes, ComponentEvents events) : Reconciler
{
    public static bool IsReleased(PersistentVolume volume) =>
        volume is { Phase: "Released", Metadata.DeletionTimestamp: null, Spec.PersistentVolumeReclaimPolicy: "Delete" }
        && volume.Metadata.Annotations?.GetValueOrDefault(StorageNames.ProvisionedBy) == DirectoryProvisioner.Name;

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        // What it holds goes for good: not by what the cache says, which may be of the past.
        if (volumes.CacheOf<PersistentVolume>().Get(key) is null || await client.FindAsync<PersistentVolume>(key, cancellationToken) is not { } volume || !IsReleased(volume))
        {
            return ReconcileResult.Done;
        }

        try
        {
            if (!directories.Remove(volume.Metadata.Name!, volume.Spec.HostPath?.Path))
            {
                events.Warning(volume, "VolumeFailedDelete", $"{volume.Spec.HostPath?.Path ?? "what it holds"} is not a directory that {DirectoryProvisioner.Name} has made for {key.Name}: it is left alone");
                return ReconcileResult.Done;
            }

            await client.DeleteAsync<PersistentVolume>(key, new DeleteOptions { Uid = volume.Metadata.Uid }, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            events.Warning(volume, "VolumeFailedDelete", error.Message);
            return ReconcileResult.Requeue;
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // Gone already.
        }

        return ReconcileResult.Done;
    }
}
