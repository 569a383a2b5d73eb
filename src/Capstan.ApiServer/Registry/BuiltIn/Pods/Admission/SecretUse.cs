using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>Which Secrets a pod uses.</summary>
internal static class SecretUse
{
    private static readonly string[] ContainerLists = ["containers", "initContainers", "ephemeralContainers"];

    // Volumes that name a Secret, and the field of each that does.
    private static readonly (string Source, string[] Path)[] VolumeReferences =
    [
        ("secret", ["secretName"]), ("azureFile", ["secretName"]), ("cephfs", ["secretRef"]), ("cinder", ["secretRef"]), ("csi", ["nodePublishSecretRef"]),
        ("flexVolume", ["secretRef"]), ("iscsi", ["secretRef"]), ("rbd", ["secretRef"]), ("scaleIO", ["secretRef"]), ("storageos", ["secretRef"]),
    ];

    /// <summary>Whether it uses any.</summary>
    public static bool Any(JsonObject? spec) =>
        spec.Items("imagePullSecrets").Count > 0
        || ContainerLists.SelectMany(list => spec.Items(list)).Any(container =>
            container.Items("env").Any(e => e.Map("valueFrom", "secretKeyRef") is not null) || container.Items("envFrom").Any(e => e.Map("secretRef") is not null))
        || spec.Items("volumes").Any(volume =>
            VolumeReferences.Any(r => volume.Map(r.Source).At(r.Path) is not null) || volume.Items("projected", "sources").Any(s => s.Map("secret") is not null));

    /// <summary>The first use of one that is not allowed; null when there is none.</summary>
    public static string? OfPod(JsonObject? spec, HashSet<string> mountable, HashSet<string> pullable, string account)
    {
        foreach (var secret in spec.Items("volumes").Select(v => v.Map("secret")).OfType<JsonObject>())
        {
            var name = secret.Text("secretName") ?? "";
            if (!mountable.Contains(name))
            {
                return $"volume with secret.secretName=\"{name}\" is not allowed because service account {account} does not reference that secret";
            }
        }

        var fault = OfContainers(spec.Items("initContainers"), "init container", mountable, account) ?? OfContainers(spec.Items("containers"), "container", mountable, account);
        if (fault is not null)
        {
            return fault;
        }

        var secrets = spec.Items("imagePullSecrets");
        for (var i = 0; i < secrets.Count; i++)
        {
            var name = secrets[i].Text("name") ?? "";
            if (!pullable.Contains(name))
            {
                return $"imagePullSecrets[{i}].name=\"{name}\" is not allowed because service account {account} does not reference that imagePullSecret";
            }
        }

        return null;
    }

    /// <summary>The first use by a container of one that is not allowed; null when there is none.</summary>
    public static string? OfContainers(IList<JsonNode?> containers, string what, HashSet<string> mountable, string account)
    {
        foreach (var container in containers)
        {
            foreach (var variable in container.Items("env"))
            {
                if (variable.Map("valueFrom", "secretKeyRef") is { } key && !mountable.Contains(key.Text("name") ?? ""))
                {
                    return $"{what} {container.Text("name")} with envVar {variable.Text("name")} referencing secret.secretName=\"{key.Text("name")}\" is not allowed because service account {account} does not reference that secret";
                }
            }

            foreach (var source in container.Items("envFrom"))
            {
                if (source.Map("secretRef") is { } secret && !mountable.Contains(secret.Text("name") ?? ""))
                {
                    return $"{what} {container.Text("name")} with envFrom referencing secret.secretName=\"{secret.Text("name")}\" is not allowed because service account {account} does not reference that secret";
                }
            }
        }

        return null;
    }
}
