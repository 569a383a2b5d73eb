using System.Text.RegularExpressions;

namespace Capstan.Cluster.Storage;

/// <summary>The directories of provisioned volumes: each is the volume's name under one root, and nothing else is ever touched.</summary>
/// <remarks>Names and paths come from objects that anybody with the right may write, so neither is believed: a volume's directory is only what its claim's uid gives.</remarks>
internal sealed partial class VolumeDirectories(string root)
{
    private readonly string _root = Path.GetFullPath(root);

    /// <summary>Where a volume of this name lives; null if no provisioner makes such names.</summary>
    public string? PathOf(string volume) => ProvisionedName().IsMatch(volume) ? Path.Combine(_root, volume) : null;

    public static string NameFor(string claimUid) => $"pvc-{claimUid}";

    /// <summary>Makes the directory; one that is there stays as it is.</summary>
    /// <exception cref="IOException">It cannot be made, or something else has its name.</exception>
    public string Make(string volume)
    {
        var path = PathOf(volume) ?? throw new IOException($"{volume} is not the name of a provisioned volume");
        Directory.CreateDirectory(_root);
        if (new DirectoryInfo(path).LinkTarget is not null)
        {
            throw new IOException($"{path} is a link");
        }

        // Whoever runs in the pod writes here, as on a volume that a kubelet mounts.
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        }
        else
        {
            Directory.CreateDirectory(path);
        }

        return path;
    }

    /// <summary>Removes a volume with all that it holds; links in it are removed, not followed.</summary>
    /// <returns>False: what the volume calls its place is not its directory, and was left alone.</returns>
    /// <exception cref="IOException">Some of it cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public bool Remove(string volume, string? place)
    {
        if (PathOf(volume) is not { } path || place != path)
        {
            return false;
        }

        if (new DirectoryInfo(path).LinkTarget is not null)
        {
            File.Delete(path);
        }
        else if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        return true;
    }

    [GeneratedRegex(@"\Apvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z")]
    private static partial Regex ProvisionedName();
}
