using System.Security.Cryptography;
using System.Text;

namespace Capstan.Cluster.Node.Processes;

/// <summary>Directories for the sockets of containers, by short paths: the system takes no long ones. They are below one of the machine's temporary directory that
/// is this node's alone, and that a file of the node's own directory names, so that the next node that starts there takes away what a killed one left.</summary>
/// <remarks>Nobody else can put anything into it before us: its name is chance, and others may pass through it only.</remarks>
internal sealed class SocketDirectories : IDisposable
{
    private const string Owner = "owner";

    private readonly string _record;

    private SocketDirectories(string record, string root) => (_record, Root) = (record, root);

    public string Root { get; }

    /// <summary>Makes it.</summary>
    /// <param name="node">The node's own directory.</param>
    public static SocketDirectories Create(string node)
    {
        Sweep(node);
        Directory.CreateDirectory(node);
        var root = Directory.CreateTempSubdirectory("capstan-").FullName;
        Permissions.MakePassable(root);
        File.WriteAllText(Path.Combine(root, Owner), node);
        File.WriteAllText(RecordOf(node), root);
        return new(RecordOf(node), root);
    }

    /// <summary>Takes away what a node of this directory left. It is only ever what that node made: both ends must say so.</summary>
    public static void Sweep(string node)
    {
        try
        {
            var record = RecordOf(node);
            if (!File.Exists(record))
            {
                return;
            }

            var root = File.ReadAllText(record);
            if (new DirectoryInfo(root) is { Exists: true, LinkTarget: null } && File.Exists(Path.Combine(root, Owner)) && File.ReadAllText(Path.Combine(root, Owner)) == node)
            {
                Directory.Delete(root, recursive: true);
            }

            File.Delete(record);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It stays: nobody waits for it.
        }
    }

    /// <summary>That of a container; not made yet.</summary>
    public string Of(string podUid, string container) =>
        Path.Combine(Root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{podUid}/{container}")))[..12]);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Root, recursive: true);
            File.Delete(_record);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next start of the node sees it again.
        }
    }

    private static string RecordOf(string node) => Path.Combine(node, "sockets");
}
