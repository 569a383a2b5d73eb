using System.Text.Json.Nodes;
using Capstan.Caching;

namespace Capstan.Cluster.Cleanup;

/// <summary>Lets go of claims, volumes and their classes that are being deleted, once nothing uses them any more: the API server gave each of them a finalizer for that.</summary>
/// <remarks>As in Kubernetes: a claim is used by pods that have a node, a volume while it is bound, a class of attributes by the claims and volumes that name it.</remarks>
internal sealed class StorageProtection(KubeClient client, ResourceType type, string finalizer, Informer objects, Func<DynamicObject, bool> isUsed) : Reconciler
{
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", Namespaced: true);
    private static readonly ResourceType Claims = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);
    private static readonly ResourceType Volumes = new("", "v1", "PersistentVolume", "persistentvolumes", Namespaced: false);
    private static readonly ResourceType Classes = new("storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", Namespaced: false);

    public static void AddTo(OperatorBuilder builder)
    {
        var (pods, claims, volumes, classes) = (builder.AddInformer(Pods), builder.AddInformer(Claims), builder.AddInformer(Volumes), builder.AddInformer(Classes));
        pods.AddIndex("claims", pod => [.. ClaimsOf(pod).Select(c => c.ToString())]);
        Add(builder, "pvc-protection", Claims, "kubernetes.io/pvc-protection", claims,
            claim => pods.Cache.List(new ListQuery { MatchingFields = [("claims", claim.Key.ToString())] }).Any(p => !string.IsNullOrEmpty((string?)p.ToJson()["spec"]?["nodeName"])),
            controller => controller.Watches(pods, (before, now) => ClaimsOf(before).Concat(ClaimsOf(now))));
        Add(builder, "pv-protection", Volumes, "kubernetes.io/pv-protection", volumes, volume => (string?)volume.ToJson()["status"]?["phase"] == "Bound", _ => { });
        Add(builder, "vac-protection", Classes, "kubernetes.io/vac-protection", classes,
            name => claims.Cache.List().Concat(volumes.Cache.List()).Any(o => ClassOf(o) == name.Key.Name),
            controller =>
            {
                controller.Watches(claims, (before, _) => ClassOf(before) is { } name ? [ObjectKey.ClusterScoped(name)] : []);
                controller.Watches(volumes, (before, _) => ClassOf(before) is { } name ? [ObjectKey.ClusterScoped(name)] : []);
            });
    }

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Cache.Get(key) is not { DeletionTimestamp: not null } found || isUsed(found))
        {
            return ReconcileResult.Done;
        }

        var json = found.ToJson();
        if (json["metadata"]?["finalizers"] is not JsonArray finalizers || finalizers.FirstOrDefault(f => (string?)f == finalizer) is not { } mine)
        {
            return ReconcileResult.Done;
        }

        finalizers.Remove(mine);
        try
        {
            await client.UpdateAsync(type, DynamicObject.From(json), new WriteOptions { FieldManager = NamespaceController.Manager }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // Gone meanwhile: as meant.
        }

        return ReconcileResult.Done;
    }

    private static void Add(
        OperatorBuilder builder, string name, ResourceType type, string finalizer, Informer objects, Func<DynamicObject, bool> isUsed, Action<ControllerBuilder> watch) =>
        builder.AddController(name, controller =>
        {
            controller.Reconciler = new StorageProtection(builder.Client, type, finalizer, objects, isUsed);
            controller.For(objects, (_, now) => now?.DeletionTimestamp is not null);
            watch(controller);
        });

    private static IEnumerable<ObjectKey> ClaimsOf(DynamicObject? pod)
    {
        foreach (var volume in pod?.ToJson()["spec"]?["volumes"] as JsonArray ?? [])
        {
            var name = (string?)volume?["persistentVolumeClaim"]?["claimName"] ?? (volume?["ephemeral"] is not null ? $"{pod!.Key.Name}-{(string?)volume["name"]}" : null);
            if (name is not null)
            {
                yield return new ObjectKey(pod!.Key.Namespace, name);
            }
        }
    }

    private static string? ClassOf(DynamicObject? obj) => (string?)obj?.ToJson()["spec"]?["volumeAttributesClassName"];
}
