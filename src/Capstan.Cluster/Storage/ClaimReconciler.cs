using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Storage;

/// <summary>Binds a claim to a volume: the one that it names, one that is there, or one that its class's provisioner is asked for.</summary>
internal sealed class ClaimReconciler(StorageWrites writes, Informer claims, Informer volumes, Informer classes, Informer pods, ComponentEvents events) : Reconciler
{
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (claims.CacheOf<PersistentVolumeClaim>().Get(key) is not { } claim)
        {
            return ReconcileResult.Done;
        }

        try
        {
            await (claim.Metadata.Annotations?.ContainsKey(StorageNames.BindCompleted) == true ? SyncBoundAsync(claim, cancellationToken)
                : string.IsNullOrEmpty(claim.Spec.VolumeName) ? FindVolumeAsync(claim, cancellationToken)
                : BindNamedAsync(claim, cancellationToken));
            return ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict)
        {
            // Another claim, or its owner, was faster: what is there now decides.
            return ReconcileResult.Requeue;
        }
    }

    private async Task FindVolumeAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var @class = claim.ClassName.Length > 0 ? classes.CacheOf<StorageClass>().Get(ObjectKey.ClusterScoped(claim.ClassName)) : null;
        var waits = @class?.VolumeBindingMode == StorageNames.WaitForFirstConsumer;
        if (VolumeMatch.Find(claim, CandidatesFor(claim), waits) is { } volume)
        {
            await writes.BindAsync(volume, claim, cancellationToken);
            return;
        }

        if (claim.Spec.StorageClassName is null && claim.ClassName.Length == 0 && DefaultClass() is { } standard)
        {
            await writes.SetClassAsync(claim, standard.Metadata.Name!, cancellationToken);
            return;
        }

        var pending = await writes.SetPhaseAsync(claim, "Pending", null, cancellationToken);
        if (waits && claim.Metadata.Annotations?.ContainsKey(StorageNames.SelectedNode) != true)
        {
            TellWaiting(claim);
        }
        else if (claim.ClassName.Length == 0)
        {
            events.Normal(claim, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }
        else if (@class is null)
        {
            events.Warning(claim, "ProvisioningFailed", $"storageclass.storage.k8s.io \"{claim.ClassName}\" not found");
        }
        else
        {
            await AskProvisionerAsync(pending, @class, cancellationToken);
        }
    }

    /// <summary>Volumes of other claims are not looked at: there may be thousands.</summary>
    private List<PersistentVolume> CandidatesFor(PersistentVolumeClaim claim) =>
    [
        .. volumes.CacheOf<PersistentVolume>().ByIndex(StorageControllers.ByReference, claim.Key.ToString()),
        .. volumes.CacheOf<PersistentVolume>().ByIndex(StorageControllers.ByReference, StorageControllers.Free),
    ];

    private async Task AskProvisionerAsync(PersistentVolumeClaim claim, StorageClass @class, CancellationToken cancellationToken)
    {
        if (@class.Provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            // No provisioner of Kubernetes itself is here: such classes are for volumes that somebody makes.
            events.Warning(claim, "ProvisioningFailed", "no volume plugin matched");
            return;
        }

        if (claim.Metadata.Annotations?.GetValueOrDefault(StorageNames.Provisioner) != @class.Provisioner)
        {
            await writes.AnnotateAsync(claim, [(StorageNames.BetaProvisioner, @class.Provisioner), (StorageNames.Provisioner, @class.Provisioner)], cancellationToken);
        }

        events.Normal(
            claim, "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{@class.Provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
    }

    private async Task BindNamedAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (volumes.CacheOf<PersistentVolume>().Get(ObjectKey.ClusterScoped(claim.Spec.VolumeName!)) is not { } volume)
        {
            await writes.SetPhaseAsync(claim, "Pending", null, cancellationToken);
            return;
        }

        if (volume.Spec.ClaimRef is not null && !volume.IsFor(claim))
        {
            events.Warning(claim, "FailedBinding", $"volume \"{volume.Metadata.Name}\" already bound to a different claim.");
            await writes.SetPhaseAsync(claim, "Pending", null, cancellationToken);
        }
        else if (volume.Spec.ClaimRef is null && VolumeMatch.Mismatch(claim, volume) is { } mismatch)
        {
            events.Warning(claim, "VolumeMismatch", $"Cannot bind to requested volume \"{volume.Metadata.Name}\": {mismatch}");
            await writes.SetPhaseAsync(claim, "Pending", null, cancellationToken);
        }
        else
        {
            await writes.BindAsync(volume, claim, cancellationToken);
        }
    }

    private async Task SyncBoundAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var volume = string.IsNullOrEmpty(claim.Spec.VolumeName) ? null : volumes.CacheOf<PersistentVolume>().Get(ObjectKey.ClusterScoped(claim.Spec.VolumeName));
        if (volume is not null && (volume.Spec.ClaimRef is null || volume.Spec.ClaimRef.Uid == claim.Metadata.Uid))
        {
            await writes.BindAsync(volume, claim, cancellationToken);
            return;
        }

        if (claim.Status?.Phase == "Lost")
        {
            return;
        }

        var (reason, message) = volume is not null ? ("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
            : string.IsNullOrEmpty(claim.Spec.VolumeName) ? ("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
            : ("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
        var lost = await writes.SetPhaseAsync(claim, "Lost", null, cancellationToken);
        events.Warning(lost, reason, message);
    }

    private void TellWaiting(PersistentVolumeClaim claim)
    {
        var waiting = pods.CacheOf<Pod>().ByIndex(StorageControllers.ByClaim, claim.Key.ToString())
            .Where(pod => !pod.HasEnded && string.IsNullOrEmpty(pod.Spec.NodeName)).Select(pod => pod.Metadata.Name).ToList();
        if (waiting.Count == 0)
        {
            events.Normal(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        }
        else
        {
            events.Normal(claim, "WaitForPodScheduled", waiting.Count > 1 ? $"waiting for pods {string.Join(',', waiting)} to be scheduled" : $"waiting for pod {waiting[0]} to be scheduled");
        }
    }

    /// <summary>Of several the youngest.</summary>
    private StorageClass? DefaultClass() => classes.CacheOf<StorageClass>().List()
        .Where(one => one.Metadata.Annotations?.GetValueOrDefault(StorageClass.IsDefault) == "true")
        .OrderByDescending(one => one.Metadata.CreationTimestamp).ThenBy(one => one.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault();
}
