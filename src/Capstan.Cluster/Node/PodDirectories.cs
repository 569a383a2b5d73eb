using System.Globalization;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node;

/// <summary>Where the things of pods are, under the node's directory. A pod's are under its uid.</summary>
internal sealed class PodDirectories(string root)
{
    public string Root { get; } = root;

    /// <summary>Makes what all pods share be there. Programs of images may run as another user, who must get through.</summary>
    public void Open()
    {
        foreach (var directory in (string[])[Root, Path.Combine(Root, "pods"), Claims])
        {
            Directory.CreateDirectory(directory);
            Permissions.LetThrough(directory);
        }
    }

    public string OfPod(string uid) => Path.Combine(Root, "pods", uid);

    public string Volumes(string uid) => Path.Combine(OfPod(uid), "volumes");

    /// <summary>What a container has for itself.</summary>
    public string OfContainer(string uid, string container) => Path.Combine(OfPod(uid), "containers", container);

    public string Logs(string uid, string container) => Path.Combine(OfPod(uid), "logs", container);

    public string LogFile(string uid, string container, int restartCount) =>
        Path.Combine(Logs(uid, container), restartCount.ToString(CultureInfo.InvariantCulture) + ".log");

    /// <summary>Directories of this machine that volumes of claims are.</summary>
    public string Claims => Path.Combine(Root, "volumes");

    /// <summary>Uids of pods that have a directory. What has another name was put there by somebody else.</summary>
    public IEnumerable<string> Pods() => Directory.Exists(Path.Combine(Root, "pods"))
        ? Directory.EnumerateDirectories(Path.Combine(Root, "pods")).Select(path => Path.GetFileName(path)!).Where(name => Guid.TryParseExact(name, "D", out _))
        : [];

    /// <summary>Whether there is nothing of pods, and no volume.</summary>
    public bool IsEmpty => !Pods().Any() && (!Directory.Exists(Claims) || !Directory.EnumerateFileSystemEntries(Claims).Any());

    /// <summary>Takes away what all pods and volumes left.</summary>
    public void DeleteAll()
    {
        foreach (var uid in Pods().ToList())
        {
            Delete(uid);
        }

        try
        {
            Directory.Delete(Claims, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // There are none, or what cannot be deleted stays.
        }
    }

    /// <summary>Takes away what a pod left. What cannot be deleted stays: nobody waits for it.</summary>
    public void Delete(string uid)
    {
        try
        {
            Directory.Delete(OfPod(uid), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It never had one.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next start of the node sees it again.
        }
    }
}
