using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node;

/// <summary>The directory that a node keeps everything in: where it was asked to, unless other users, whom programs of pods run as, could not get there.</summary>
internal static class StateDirectory
{
    private const string Elsewhere = "/var/lib/capstan";

    /// <summary>Makes it, and says where it really is: as root below a directory that is closed to others, <paramref name="wanted"/> becomes a link to one below
    /// <c>/var/lib/capstan</c>. A directory that has something in it stays what it is.</summary>
    /// <param name="wanted">Full path.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static string Open(string wanted)
    {
        var info = new DirectoryInfo(wanted);
        if (info.LinkTarget is not null)
        {
            var target = info.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            Directory.CreateDirectory(target);
            return target;
        }

        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows() || Permissions.ClosedTo(Path.GetDirectoryName(wanted)!) is null || HasAnything(wanted))
        {
            Directory.CreateDirectory(wanted);
            return wanted;
        }

        var real = Path.Combine(Elsewhere, $"node-{Guid.NewGuid():N}");
        Directory.CreateDirectory(real);
        Permissions.MakePassable(Elsewhere);
        Permissions.MakePassable(real);
        Directory.CreateDirectory(Path.GetDirectoryName(wanted)!);
        if (info.Exists)
        {
            info.Delete();
        }

        Directory.CreateSymbolicLink(wanted, real);
        return real;
    }

    /// <summary>Takes away a directory that is elsewhere, and the link to it: there is nothing to be kept.</summary>
    public static void CloseElsewhere(string wanted)
    {
        try
        {
            if (new DirectoryInfo(wanted).LinkTarget is { } target && Path.GetDirectoryName(target) == Elsewhere)
            {
                Directory.Delete(target, recursive: true);
                File.Delete(wanted);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next node finds it.
        }
    }

    private static bool HasAnything(string directory) => Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any();
}
