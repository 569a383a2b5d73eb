using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Processes;

namespace Capstan.Cluster.Node;

/// <summary>Where a node keeps things, and that nothing is left there which nobody needs.</summary>
internal sealed class NodePlaces : IDisposable
{
    private readonly bool _keeps;
    private readonly string? _temporary;
    private readonly string? _wanted;

    private NodePlaces(PodDirectories directories, SocketDirectories sockets, bool keeps, string? temporary, string? wanted) =>
        (Directories, Sockets, _keeps, _temporary, _wanted) = (directories, sockets, keeps, temporary, wanted);

    public PodDirectories Directories { get; }

    public SocketDirectories Sockets { get; }

    /// <summary>Makes them.</summary>
    /// <exception cref="OperatorException">They cannot be made.</exception>
    public static NodePlaces Open(LocalNodeOptions options)
    {
        try
        {
            var temporary = options.StateDirectory is null ? Directory.CreateTempSubdirectory("capstan-node-").FullName : null;
            var wanted = options.StateDirectory is { } given ? Path.GetFullPath(given) : null;
            var directories = new PodDirectories(temporary ?? StateDirectory.Open(wanted!));
            directories.Open();
            return new(directories, SocketDirectories.Create(directories.Root), options.KeepState, temporary, wanted);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"the node's directory cannot be used: {fault.Message}", fault);
        }
    }

    /// <summary>Takes away what pods left that were deleted while no node was here; nothing of it may run any more.</summary>
    public async Task SweepAsync(KubeClient client, CancellationToken cancellationToken)
    {
        if (!_keeps)
        {
            Directories.DeleteAll();
            return;
        }

        // Looked at first: pods that come from here on have other uids.
        var left = Directories.Pods().ToHashSet();
        if (left.Count > 0)
        {
            var here = await client.ListAsync(Pod.Resource, new ListOptions { FieldSelector = $"spec.nodeName={NodeObject.Name}" }, cancellationToken);
            left.ExceptWith(here.Items.Select(pod => pod.Uid!));
            foreach (var uid in left)
            {
                Directories.Delete(uid);
            }
        }
    }

    public void Dispose()
    {
        Sockets.Dispose();
        if (!_keeps)
        {
            Directories.DeleteAll();
        }

        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
        else if (_wanted is not null && Directories.IsEmpty)
        {
            StateDirectory.CloseElsewhere(_wanted);
        }
    }
}
