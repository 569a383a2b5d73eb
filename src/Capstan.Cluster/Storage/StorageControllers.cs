using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Storage;

/// <summary>Brings claims and volumes together, as the persistentvolume-controller of Kubernetes does.</summary>
internal static class StorageControllers
{
    /// <summary>Index of pods by the keys of the claims that they use.</summary>
    public const string ByClaim = "claim";

    /// <summary>Index of volumes by the key of the claim that they are bound to or kept for; free ones are under <see cref="Free"/>.</summary>
    public const string ByReference = "claimRef";

    /// <summary>Of that index.</summary>
    public const string Free = "";

    public static void AddTo(OperatorBuilder builder, SharedInformers informers, ClusterEvents events)
    {
        var (claims, classes) = (informers.Of<PersistentVolumeClaim>(), informers.Of<StorageClass>());
        var volumes = informers.Index(PersistentVolume.Resource, ByReference, static volume => [volume.To<PersistentVolume>().Spec.ClaimRef is { } claim ? $"{claim.Namespace}/{claim.Name}" : Free]);
        var pods = informers.Index(Pod.Resource, ByClaim, static pod => ClaimsOf(pod.To<Pod>()).Select(claim => claim.ToString()));
        var (writes, told) = (new StorageWrites(builder.Client), events.From(StorageNames.Component));

        // One worker each: claims compete for volumes.
        builder.AddController("persistentvolume-claims", controller =>
        {
            controller.Reconciler = new ClaimReconciler(writes, claims, volumes, classes, pods, told);
            controller.For(claims, static (_, now) => now is not null);

            // A volume that is free, or is kept for a claim, concerns all that wait, or that one.
            controller.Watches<PersistentVolume>(volumes, (before, now) => (now ?? before)!.Spec.ClaimRef is { } reference
                ? [new ObjectKey(reference.Namespace ?? "", reference.Name ?? "")]
                : Waiting());
            controller.Watches<StorageClass>(classes, (before, now) => now is not null ? Waiting() : []);

            IEnumerable<ObjectKey> Waiting() => claims.CacheOf<PersistentVolumeClaim>().List().Where(claim => claim.Status?.Phase is not "Bound").Select(claim => claim.Key);
        });
        builder.AddController("persistentvolumes", controller =>
        {
            controller.Reconciler = new VolumeReconciler(builder.Client, writes, claims, volumes, told);
            controller.For(volumes, static (_, now) => now is not null);
            controller.Watches<PersistentVolumeClaim>(claims, (before, now) => (now ?? before)!.Spec.VolumeName is { Length: > 0 } name ? [ObjectKey.ClusterScoped(name)] : []);
        });
    }

    /// <summary>Claims in a pod's volumes, those of generic ephemeral volumes among them.</summary>
    public static IEnumerable<ObjectKey> ClaimsOf(Pod pod)
    {
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            var name = (string?)volume["persistentVolumeClaim"]?["claimName"] ?? (volume["ephemeral"] is not null ? $"{pod.Metadata.Name}-{(string?)volume["name"]}" : null);
            if (name is not null)
            {
                yield return new(pod.Metadata.Namespace ?? "", name);
            }
        }
    }
}
