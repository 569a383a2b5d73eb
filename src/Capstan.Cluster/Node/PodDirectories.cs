using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Cluster.Node;

/// <summary>Where the things of pods are, under the node's directory. A pod's are under its uid.</summary>
internal sealed class PodDirectories(string root)
{
    public string Root { get; } = root;

    public string OfPod(string uid) => Path.Combine(Root, "pods", uid);

    public string Volumes(string uid) => Path.Combine(OfPod(uid), "volumes");

    /// <summary>What a container has for itself.</summary>
    public string OfContainer(string uid, string container) => Path.Combine(OfPod(uid), "containers", container);

    /// <summary>Where a container's sockets are: a short path, since the system takes no long ones.</summary>
    public string Sockets(string uid, string container) =>
        Path.Combine(Path.GetTempPath(), "capstan-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(OfContainer(uid, container))))[..16]);

    public string Logs(string uid, string container) => Path.Combine(OfPod(uid), "logs", container);

    public string LogFile(string uid, string container, int restartCount) =>
        Path.Combine(Logs(uid, container), restartCount.ToString(CultureInfo.InvariantCulture) + ".log");

    /// <summary>Uids of pods that have a directory.</summary>
    public IEnumerable<string> Pods() => Directory.Exists(Path.Combine(Root, "pods")) ? Directory.EnumerateDirectories(Path.Combine(Root, "pods")).Select(path => Path.GetFileName(path)!) : [];

    /// <summary>Takes away what a pod left. What cannot be deleted stays: nobody waits for it.</summary>
    public void Delete(string uid)
    {
        try
        {
            var containers = Path.Combine(OfPod(uid), "containers");
            foreach (var sockets in Directory.Exists(containers) ? Directory.EnumerateDirectories(containers).Select(path => Sockets(uid, Path.GetFileName(path))).Where(Directory.Exists) : [])
            {
                Directory.Delete(sockets, recursive: true);
            }

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
