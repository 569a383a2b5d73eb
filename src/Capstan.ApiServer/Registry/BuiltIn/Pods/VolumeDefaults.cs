using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Defaults of a volume of a pod.</summary>
internal static class VolumeDefaults
{
    // 0644: files are read by all and written by their owner.
    private const int FileMode = 420;

    /// <summary>Sets the defaults; a volume without a source is an empty directory.</summary>
    public static void Apply(JsonObject volume)
    {
        if (volume.All(f => f.Key == "name"))
        {
            volume["emptyDir"] = new JsonObject();
        }

        SetAll(volume.Map("rbd"), ("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring"));
        SetAll(volume.Map("scaleIO"), ("storageMode", "ThinProvisioned"), ("fsType", "xfs"));
        SetAll(volume.Map("azureDisk"), ("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4"), ("readOnly", false));
        volume.Map("image")?.SetDefault("pullPolicy", PodDefaults.PullPolicyOf(volume.Text("image", "reference") ?? ""));
        volume.Map("secret")?.SetDefault("defaultMode", FileMode);
        volume.Map("configMap")?.SetDefault("defaultMode", FileMode);
        volume.Map("hostPath")?.SetDefault("type", "");
        volume.Map("iscsi")?.SetDefault("iscsiInterface", "default");
        if (volume.Map("downwardAPI") is { } downward)
        {
            downward.SetDefault("defaultMode", FileMode);
            ApplyToItems(downward);
        }

        if (volume.Map("projected") is { } projected)
        {
            projected.SetDefault("defaultMode", FileMode);
            foreach (var source in projected.Items("sources"))
            {
                source.Map("serviceAccountToken")?.SetDefault("expirationSeconds", 3600);
                ApplyToItems(source.Map("downwardAPI"));
            }
        }

        volume.Map("ephemeral", "volumeClaimTemplate", "spec")?.SetDefault("volumeMode", "Filesystem");
    }

    private static void SetAll(JsonObject? source, params ReadOnlySpan<(string Field, JsonNode Value)> defaults)
    {
        foreach (var (field, value) in defaults)
        {
            source?.SetDefault(field, value);
        }
    }

    private static void ApplyToItems(JsonObject? downward)
    {
        foreach (var item in downward.Items("items"))
        {
            item.Map("fieldRef")?.SetDefault("apiVersion", "v1");
            item.Map("resourceFieldRef")?.SetDefault("divisor", "0");
        }
    }
}
