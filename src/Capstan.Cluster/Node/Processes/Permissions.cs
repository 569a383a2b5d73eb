using Capstan.Cluster.Node.Containers;

namespace Capstan.Cluster.Node.Processes;

/// <summary>Who may enter and read what a node makes. There are other users on this machine.</summary>
internal static class Permissions
{
    private const UnixFileMode Entering = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>A directory that its owner alone may enter.</summary>
    public static void MakePrivate(string directory, UserAccount? owner)
    {
        Directory.CreateDirectory(directory);
        Set(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        owner?.Own(directory);
    }

    /// <summary>A directory that others may pass through, but not look around in.</summary>
    public static void MakePassable(string directory) => Set(directory, Entering);

    /// <summary>Lets others pass through a directory of ours, as far as they may not yet.</summary>
    public static void LetThrough(string directory)
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess && File.GetUnixFileMode(directory) is var mode && (mode & UnixFileMode.OtherExecute) == 0)
        {
            File.SetUnixFileMode(directory, mode | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Sees to it that a user can get to a directory; above what is ours nothing is changed.</summary>
    /// <exception cref="ContainerStartException">A directory on the way is closed to the user.</exception>
    public static void CheckReachable(string directory, string above, UserAccount user)
    {
        if (user.Id != 0 && Environment.IsPrivilegedProcess && ClosedTo(above) is { } closed)
        {
            throw new ContainerStartException($"user {user.Name} cannot get to {directory}: {closed} is closed to others (choose another directory, or chmod o+x)");
        }
    }

    /// <summary>The directory at or above one that others may not pass through; null if there is none.</summary>
    public static string? ClosedTo(string directory)
    {
        for (var at = new DirectoryInfo(directory); at is not null && !OperatingSystem.IsWindows(); at = at.Parent)
        {
            if (at.Exists && (File.GetUnixFileMode(at.FullName) & UnixFileMode.OtherExecute) == 0)
            {
                return at.FullName;
            }
        }

        return null;
    }
}
