using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Proxy;

/// <summary>Where the kubelet of a node answers: its Node says so.</summary>
internal sealed class Kubelets(ClusterState cluster)
{
    private const int DefaultPort = 10250;
    private static readonly GroupResource Nodes = new("", "nodes");

    // Names of nodes are not known to the resolver of this machine, so addresses come first.
    private static readonly string[] AddressTypes = ["InternalIP", "ExternalIP", "InternalDNS", "ExternalDNS", "Hostname"];

    /// <summary>Host and port of a node's kubelet.</summary>
    /// <param name="node">The node.</param>
    /// <param name="resource">What an absent node is called: Kubernetes calls it what the request is about.</param>
    /// <exception cref="ApiError">There is no such node, or it has no address.</exception>
    public (string Host, int Port) Find(string node, GroupResource resource)
    {
        var found = cluster.Find(Nodes, "", node) ?? throw ApiError.NotFound(resource, node);
        var addresses = found.Items("status", "addresses");
        var host = AddressTypes.Select(type => addresses.FirstOrDefault(a => a.Text("type") == type).Text("address")).FirstOrDefault(a => !string.IsNullOrEmpty(a))
            ?? throw ApiError.Unknown($"no preferred addresses found; known addresses: [{string.Join(' ', addresses.Select(a => $"{{{a.Text("type")} {a.Text("address")}}}"))}]");
        return (host, found.Number("status", "daemonEndpoints", "kubeletEndpoint", "Port") is > 0 and <= ushort.MaxValue and var port ? (int)port : DefaultPort);
    }
}
