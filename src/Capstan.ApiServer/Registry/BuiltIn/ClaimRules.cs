using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of PersistentVolumeClaim.</summary>
internal sealed class ClaimRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["phase"] = "Pending" };
        PairSources(obj.Map("spec"), mayDrop: true);
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        base.PrepareForUpdate(obj, old, subresource);
        if (subresource.Length == 0)
        {
            PairSources(obj.Map("spec"), mayDrop: old.At("spec", "dataSource") is null && old.At("spec", "dataSourceRef") is null);
        }
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        obj.Map("spec")?.SetDefault("volumeMode", "Filesystem");
        obj.Map("status")?.SetDefault("phase", "Pending");
    }

    // dataSource and dataSourceRef say the same, the older one of few kinds only: another kind there was always left out in silence.
    private static void PairSources(JsonObject? spec, bool mayDrop)
    {
        if (spec is null)
        {
            return;
        }

        if (mayDrop && spec.Map("dataSource") is { } source && spec["dataSourceRef"] is null
            && (source.Text("apiGroup") ?? "", source.Text("kind")) is not (("", "PersistentVolumeClaim") or ("snapshot.storage.k8s.io", "VolumeSnapshot")))
        {
            spec.Remove("dataSource");
        }

        if (spec["dataSource"] is { } given && spec["dataSourceRef"] is null)
        {
            spec["dataSourceRef"] = given.DeepClone();
        }
        else if (spec.Map("dataSourceRef") is { } reference && spec["dataSource"] is null && string.IsNullOrEmpty(reference.Text("namespace")))
        {
            spec["dataSource"] = reference.DeepClone();
            spec.Map("dataSource")!.Remove("namespace");
        }
    }
}
