using System.Text.Json.Nodes;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node.Volumes;

/// <summary>The volumes of pods, each a directory of this machine.</summary>
internal sealed class PodVolumes(KubeClient client, VolumeFiles files, PodDirectories directories)
{
    private static readonly ResourceType Claims = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true);
    private static readonly ResourceType Volumes = new("", "v1", "PersistentVolume", "persistentvolumes", Namespaced: false);

    /// <summary>Makes all volumes of a pod be there, or renews those that are made of objects.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="owner">Whom they belong to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Names and directories.</returns>
    /// <exception cref="VolumeException">One cannot be had.</exception>
    public async Task<Dictionary<string, string>> PrepareAsync(PodRecord pod, VolumeOwner owner, CancellationToken cancellationToken)
    {
        var made = new Dictionary<string, string>();
        foreach (var volume in pod.Pod.Spec.Volumes ?? [])
        {
            var name = (string?)volume["name"] ?? "";
            try
            {
                made[name] = await PrepareAsync(pod, volume, name, owner, cancellationToken);
            }
            catch (Exception fault) when (fault is VolumeException or IOException or UnauthorizedAccessException)
            {
                throw new VolumeException($"MountVolume.SetUp failed for volume \"{name}\" : {fault.Message}");
            }
        }

        return made;
    }

    /// <summary>Writes anew what has changed of Secrets, ConfigMaps, tokens and the pod itself.</summary>
    public async Task RefreshAsync(PodRecord pod, VolumeOwner owner, CancellationToken cancellationToken)
    {
        foreach (var volume in (pod.Pod.Spec.Volumes ?? []).Where(VolumeFiles.Has))
        {
            await PrepareAsync(pod, volume, (string?)volume["name"] ?? "", owner, cancellationToken);
        }
    }

    private async Task<string> PrepareAsync(PodRecord pod, JsonObject volume, string name, VolumeOwner owner, CancellationToken cancellationToken)
    {
        var directory = ContainedPath.Combine(directories.Volumes(pod.Uid), name);
        if (directory == directories.Volumes(pod.Uid))
        {
            throw new VolumeException("a volume has no name");
        }

        if (VolumeFiles.Has(volume))
        {
            AtomicDirectory.Write(directory, await files.ReadAsync(pod, volume, cancellationToken), owner);
            return directory;
        }

        if (volume["hostPath"] is JsonObject host)
        {
            return OfHost((string?)host["path"] ?? "", (string?)host["type"]);
        }

        if ((string?)volume["persistentVolumeClaim"]?["claimName"] is { } claim)
        {
            return await OfClaimAsync(new(pod.Key.Namespace, claim), owner, cancellationToken);
        }

        if (volume["ephemeral"] is not null)
        {
            return await OfClaimAsync(new(pod.Key.Namespace, $"{pod.Key.Name}-{name}"), owner, cancellationToken);
        }

        if (volume["emptyDir"] is null && volume.Count > 1)
        {
            throw new VolumeException($"volumes of type {volume.First(member => member.Key != "name").Key} are not known to this node");
        }

        Create(directory, owner);
        return directory;
    }

    private async Task<string> OfClaimAsync(ObjectKey key, VolumeOwner owner, CancellationToken cancellationToken)
    {
        var claim = await client.FindAsync(Claims, key, cancellationToken) ?? throw new VolumeException($"persistentvolumeclaim \"{key.Name}\" not found");
        if (claim.ToJson() is not { } json || (string?)json["spec"]?["volumeName"] is not { Length: > 0 } name || (string?)json["status"]?["phase"] != "Bound")
        {
            throw new VolumeException($"PVC {key} is not bound");
        }

        var volume = (await client.FindAsync(Volumes, ObjectKey.ClusterScoped(name), cancellationToken))?.ToJson() ?? throw new VolumeException($"persistentvolume \"{name}\" not found");
        var path = (string?)volume["spec"]?["hostPath"]?["path"] ?? (string?)volume["spec"]?["local"]?["path"]
            ?? throw new VolumeException($"persistentvolume \"{name}\" is no directory of this machine");
        Create(path, owner);
        return path;
    }

    private static string OfHost(string path, string? type)
    {
        if (type is "DirectoryOrCreate" or "" or null && !Path.Exists(path))
        {
            Directory.CreateDirectory(path);
        }

        return Path.Exists(path) ? path : throw new VolumeException($"hostPath type check failed: {path} is not a {(type == "File" ? "file" : "directory")}");
    }

    private static void Create(string directory, VolumeOwner owner)
    {
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
        }

        owner.OwnDirectory(directory);
    }
}
