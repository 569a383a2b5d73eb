using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Volumes and claims: they stay while they are in use, claims get the default class, and grow only where their class lets them.</summary>
internal sealed class StorageAdmission(ClusterState cluster)
{
    private const string IsDefault = "storageclass.kubernetes.io/is-default-class";
    private const string IsDefaultBeta = "storageclass.beta.kubernetes.io/is-default-class";
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";
    private static readonly GroupResource Classes = new("storage.k8s.io", "storageclasses");

    private static readonly Dictionary<string, string> Finalizers = new()
    {
        ["PersistentVolumeClaim"] = "kubernetes.io/pvc-protection",
        ["PersistentVolume"] = "kubernetes.io/pv-protection",
        ["VolumeAttributesClass"] = "kubernetes.io/vac-protection",
    };

    /// <summary>Adds the finalizer that a controller takes away when nothing uses the object any more; and to a claim the default class.</summary>
    public void Protect(JsonObject obj, string kind)
    {
        if (kind == "PersistentVolumeClaim")
        {
            SetClass(obj);
        }

        var metadata = obj.GetOrAddMap("metadata")!;
        if (metadata.Items("finalizers").All(f => f.Text() != Finalizers[kind]))
        {
            if (metadata["finalizers"] is not JsonArray finalizers)
            {
                metadata["finalizers"] = finalizers = [];
            }

            finalizers.Add((JsonNode)Finalizers[kind]);
        }
    }

    /// <summary>Refuses that a claim asks for more than it did, where that cannot be had.</summary>
    /// <exception cref="ApiError">403: so it is.</exception>
    public void CheckGrowth(WriteRequest request, JsonObject claim, JsonObject? old)
    {
        if (old is null || ResourceLists.Of(claim.At("spec", "resources", "requests", "storage")) is not { } size || size <= (ResourceLists.Of(old.At("spec", "resources", "requests", "storage")) ?? default))
        {
            return;
        }

        if (old.Text("status", "phase") != "Bound")
        {
            throw request.Refused(claim, "Only bound persistent volume claims can be expanded");
        }

        var name = ClassOf(claim);
        if (string.IsNullOrEmpty(name) || ClassOf(old) != name || cluster.Find(Classes, "", name).Flag("allowVolumeExpansion") != true)
        {
            throw request.Refused(claim, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        }
    }

    private void SetClass(JsonObject claim)
    {
        if (claim.Map("spec") is not { } spec || spec["storageClassName"] is not null || claim.At("metadata", "annotations", ClassAnnotation) is not null)
        {
            return;
        }

        // Of several defaults the youngest counts, of two of one second the first by name.
        var chosen = cluster.List(Classes, "")
            .Where(c => c.Text("metadata", "annotations", IsDefault) == "true" || c.Text("metadata", "annotations", IsDefaultBeta) == "true")
            .OrderByDescending(c => c.Text("metadata", "creationTimestamp"), StringComparer.Ordinal)
            .FirstOrDefault();
        if (chosen is not null)
        {
            spec["storageClassName"] = chosen.Text("metadata", "name");
        }
    }

    private static string? ClassOf(JsonObject claim) => claim.Text("metadata", "annotations", ClassAnnotation) ?? claim.Text("spec", "storageClassName");
}
