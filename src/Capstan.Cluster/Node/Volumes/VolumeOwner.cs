using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Volumes;

/// <summary>Whom the volumes of a pod belong to.</summary>
/// <param name="User">Whom all its containers run as; null: who runs the node, or several.</param>
/// <param name="Group">The pod's group of files; null: none.</param>
/// <param name="IsShared">Its containers run as several users.</param>
internal sealed record VolumeOwner(UserAccount? User, uint? Group, bool IsShared)
{
    private const UnixFileMode GroupMayAll = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;
    private const UnixFileMode All = GroupMayAll | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Who runs the node.</summary>
    public static VolumeOwner Nobody { get; } = new(null, null, IsShared: false);

    /// <summary>Gives it a file or directory that is made of objects: its programs may read it.</summary>
    public void OwnContent(string path, bool isDirectory)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            return;
        }

        if (User is not null || Group is not null)
        {
            Posix.ChangeOwner(path, User?.Id ?? 0, Group ?? User?.Group ?? 0);
        }

        if (Group is not null)
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead | (isDirectory ? UnixFileMode.GroupExecute : 0));
        }
    }

    /// <summary>Gives it a directory that its programs write into, with what is in it if that is not the group's yet. Links are left as they are.</summary>
    public void OwnDirectory(string path)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            return;
        }

        if (Group is { } group)
        {
            if (Posix.GroupOf(path) != group || (File.GetUnixFileMode(path) & GroupMayAll) != GroupMayAll)
            {
                GiveToGroup(new DirectoryInfo(path), group);
            }

            if (User is not null)
            {
                Posix.ChangeOwner(path, User.Id, group);
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | GroupMayAll);
            }
        }
        else if (IsShared)
        {
            File.SetUnixFileMode(path, All & ~UnixFileMode.SetGroup);
        }
        else
        {
            User?.Own(path);
        }
    }

    private static void GiveToGroup(DirectoryInfo directory, uint group)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var entry in directory.EnumerateFileSystemInfos().Where(entry => entry.LinkTarget is null))
        {
            if (entry is DirectoryInfo below)
            {
                GiveToGroup(below, group);
            }
            else
            {
                Posix.ChangeOwner(entry.FullName, Posix.Unchanged, group);
                entry.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
            }
        }

        // Last: that the root of the volume has it says that all has it.
        Posix.ChangeOwner(directory.FullName, Posix.Unchanged, group);
        directory.UnixFileMode |= GroupMayAll;
    }
}
