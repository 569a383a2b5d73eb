using System.Globalization;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node.Volumes;

/// <summary>A file that a volume has.</summary>
/// <param name="Path">Below the volume.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Its permissions.</param>
internal sealed record VolumeFile(string Path, byte[] Content, int Mode);

/// <summary>
/// A directory whose files change all at once: they are in a directory of their own that a link names, and another link is put in its place. The names that
/// programs use are links through it.
/// </summary>
internal static class AtomicDirectory
{
    private const string Current = "..data";

    /// <summary>Makes the directory have these files and no others.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="VolumeException">A path leads out of it.</exception>
    public static bool Write(string directory, IReadOnlyList<VolumeFile> files, VolumeOwner owner)
    {
        Directory.CreateDirectory(directory);
        var link = Path.Combine(directory, Current);
        if (IsSame(link, files))
        {
            return false;
        }

        var before = new FileInfo(link).LinkTarget;
        var name = string.Create(CultureInfo.InvariantCulture, $"..{Guid.NewGuid():N}");
        var fresh = Path.Combine(directory, name);
        Directory.CreateDirectory(fresh);
        owner.OwnContent(fresh, isDirectory: true);
        foreach (var file in files)
        {
            WriteFile(fresh, file, owner);
        }

        var temporary = link + "_tmp";
        File.Delete(temporary);
        File.CreateSymbolicLink(temporary, name);
        Posix.Rename(temporary, link);
        LinkNames(directory, files);
        owner.OwnContent(directory, isDirectory: true);
        if (before is not null)
        {
            Directory.Delete(Path.Combine(directory, before), recursive: true);
        }

        return true;
    }

    private static void WriteFile(string directory, VolumeFile file, VolumeOwner owner)
    {
        var path = ContainedPath.Combine(directory, file.Path);
        if (path == directory)
        {
            throw new VolumeException("a file of a volume has no name");
        }

        for (var parent = Path.GetDirectoryName(path)!; !Directory.Exists(parent);)
        {
            Directory.CreateDirectory(parent);
            owner.OwnContent(parent, isDirectory: true);
        }

        File.WriteAllBytes(path, file.Content);
        Permissions.Set(path, (UnixFileMode)(file.Mode & 0x1ff));
        owner.OwnContent(path, isDirectory: false);
    }

    private static void LinkNames(string directory, IReadOnlyList<VolumeFile> files)
    {
        var names = files.Select(file => file.Path.Split('/', StringSplitOptions.RemoveEmptyEntries)[0]).ToHashSet();
        foreach (var old in Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith("..", StringComparison.Ordinal) && !names.Contains(name)).ToList())
        {
            File.Delete(Path.Combine(directory, old));
        }

        foreach (var name in names.Where(name => new FileInfo(Path.Combine(directory, name)).LinkTarget is null))
        {
            File.CreateSymbolicLink(Path.Combine(directory, name), Path.Combine(Current, name));
        }
    }

    private static bool IsSame(string link, IReadOnlyList<VolumeFile> files)
    {
        if (new FileInfo(link).LinkTarget is null)
        {
            return false;
        }

        var there = Directory.EnumerateFiles(link, "*", SearchOption.AllDirectories).Count();
        return there == files.Count && files.All(file => File.Exists(Path.Combine(link, file.Path)) && File.ReadAllBytes(Path.Combine(link, file.Path)).AsSpan().SequenceEqual(file.Content));
    }
}
