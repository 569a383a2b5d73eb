using System.Net;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Proxy;

/// <summary>An address at which a Service answers, and who is behind it.</summary>
/// <param name="Address">Where clients come: the cluster IP, or a node port on 127.0.0.1.</param>
/// <param name="Endpoints">Who serves.</param>
internal sealed record ServicePort(IPEndPoint Address, EndpointSet Endpoints)
{
    private const long DefaultAffinitySeconds = 10800;

    /// <summary>All such addresses of a Service that somebody is behind: where nobody is, a connection is refused, as by kube-proxy.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="slices">Its EndpointSlices.</param>
    public static IReadOnlyList<ServicePort> Of(JsonObject service, IReadOnlyList<JsonObject> slices)
    {
        var spec = service["spec"];
        if ((string?)spec?["type"] == "ExternalName" || !IPAddress.TryParse((string?)spec?["clusterIP"], out var clusterIP))
        {
            return [];
        }

        TimeSpan? affinity = (string?)spec?["sessionAffinity"] == "ClientIP"
            ? TimeSpan.FromSeconds((long?)spec?["sessionAffinityConfig"]?["clientIP"]?["timeoutSeconds"] ?? DefaultAffinitySeconds)
            : null;
        var ports = new List<ServicePort>();
        foreach (var port in (spec?["ports"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if ((string?)port["protocol"] is not (null or "TCP") || (int?)port["port"] is not { } number)
            {
                continue;
            }

            var endpoints = new EndpointSet(EndpointsOf(slices, (string?)port["name"] ?? ""), affinity);
            if (endpoints.Endpoints.Count == 0)
            {
                continue;
            }

            ports.Add(new(new IPEndPoint(clusterIP, number), endpoints));
            if ((int?)port["nodePort"] is > 0 and var nodePort)
            {
                ports.Add(new(new IPEndPoint(IPAddress.Loopback, nodePort), endpoints));
            }
        }

        return ports;
    }

    /// <summary>Servers that are ready; without one, those that still serve while they end.</summary>
    private static IReadOnlyList<IPEndPoint> EndpointsOf(IReadOnlyList<JsonObject> slices, string portName)
    {
        var all = from slice in slices
                  where (string?)slice["addressType"] == "IPv4"
                  from port in (slice["ports"] as JsonArray ?? []).OfType<JsonObject>()
                  where ((string?)port["name"] ?? "") == portName && (int?)port["port"] is > 0
                  from endpoint in (slice["endpoints"] as JsonArray ?? []).OfType<JsonObject>()
                  from address in (endpoint["addresses"] as JsonArray ?? []).Take(1)
                  where IPAddress.TryParse((string?)address, out _)
                  select (Address: new IPEndPoint(IPAddress.Parse((string)address!), (int)port["port"]!), Conditions: endpoint["conditions"]);
        var known = all.ToList();
        var ready = known.Where(e => (bool?)e.Conditions?["ready"] != false).ToList();
        var chosen = ready.Count > 0 ? ready : known.Where(e => (bool?)e.Conditions?["serving"] == true && (bool?)e.Conditions?["terminating"] == true);
        return [.. chosen.Select(e => e.Address).Distinct().OrderBy(e => e.ToString(), StringComparer.Ordinal)];
    }
}
