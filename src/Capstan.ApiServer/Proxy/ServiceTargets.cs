using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;

namespace Capstan.ApiServer.Proxy;

/// <summary>Finds a pod behind a Service, for a request that is proxied to it.</summary>
internal sealed class ServiceTargets(ClusterState cluster)
{
    private static readonly GroupResource Services = new("", "services");
    private static readonly GroupResource Endpoints = new("", "endpoints");
    private static readonly GroupResource Pods = new("", "pods");

    // So that requests go to all pods in turn.
    private int _turn;

    /// <summary>Address and port of any ready pod behind the Service.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="id">The name as it was asked for, for messages.</param>
    /// <param name="wanted">The Service, and the name or number of its port.</param>
    /// <exception cref="ApiError">404 or 503, in Kubernetes' words.</exception>
    public (string Host, int Port) Find(string ns, string id, ProxiedName wanted)
    {
        var portName = wanted.Port;
        if (long.TryParse(wanted.Port, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var service = cluster.Find(Services, ns, wanted.Name) ?? throw ApiError.NotFound(Services, wanted.Name);
            var port = service.Items("spec", "ports").FirstOrDefault(p => p.Number("port") == number)
                ?? throw Unavailable($"no service port {number.ToString(CultureInfo.InvariantCulture)} found for service {GoFormat.Quote(wanted.Name)}");
            portName = port.Text("name") ?? "";
        }

        // Words of Kubernetes, which calls them services here.
        var endpoints = cluster.Find(Endpoints, ns, wanted.Name) ?? throw ApiError.NotFound(Services, wanted.Name);
        if (endpoints.Items("subsets").Count == 0)
        {
            throw Unavailable($"no endpoints available for service {GoFormat.Quote(wanted.Name)}");
        }

        var targets = endpoints.Items("subsets").SelectMany(subset =>
            from port in subset.Items("ports").Where(p => (p.Text("name") ?? "") == portName).Take(1)
            from address in subset.Items("addresses")
            where IsPod(ns, address)
            select (address.Text("ip")!, (int)(port.Number("port") ?? 0))).ToList();
        return targets.Count > 0 ? targets[(int)((uint)Interlocked.Increment(ref _turn) % (uint)targets.Count)] : throw Unavailable($"no endpoints available for service {GoFormat.Quote(id)}");
    }

    /// <summary>A Service's endpoints can be written by people: what is no pod is not proxied to, or it could lead anywhere in the server's network.</summary>
    private bool IsPod(string ns, JsonNode? address) =>
        address.Text("targetRef", "name") is { } name && address.Text("targetRef", "namespace") == ns
        && cluster.Find(Pods, ns, name).Items("status", "podIPs").Any(ip => ip.Text("ip") == address.Text("ip"));

    private static ApiError Unavailable(string why) => ApiError.Of(503, StatusReasons.ServiceUnavailable, why);
}
