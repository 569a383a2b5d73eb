namespace Capstan.Cluster.Node.Volumes;

/// <summary>Paths that come from manifests, and must stay below a directory.</summary>
internal static class ContainedPath
{
    /// <summary>The path below the directory.</summary>
    /// <exception cref="VolumeException">It leads out of it: by what it says, or by a link that somebody put there.</exception>
    public static string Combine(string directory, string relative)
    {
        if (Path.IsPathRooted(relative) || relative.Contains('\0', StringComparison.Ordinal) || relative.Split('/').Contains(".."))
        {
            throw new VolumeException($"{relative} must be a relative path without ..");
        }

        var root = Real(directory);
        var at = root;
        foreach (var part in relative.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            at = Real(Path.Combine(at, part));
            if (at != root && !at.StartsWith(root + "/", StringComparison.Ordinal))
            {
                throw new VolumeException($"{relative} leads out of its volume");
            }
        }

        return at;
    }

    private static string Real(string path)
    {
        try
        {
            var info = new FileInfo(path);
            return Path.TrimEndingDirectorySeparator(info.LinkTarget is null ? path : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path);
        }
        catch (IOException fault)
        {
            throw new VolumeException(fault.Message);
        }
    }
}

/// <summary>A volume cannot be had (yet).</summary>
internal sealed class VolumeException(string message) : Exception(message);
