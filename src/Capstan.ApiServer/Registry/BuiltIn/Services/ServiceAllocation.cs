using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Services;

/// <summary>Faults of addresses and ports that are asked for but cannot be had.</summary>
internal static class ServiceAllocation
{
    /// <summary>Adds the first fault, if there is one: what cannot be had ends the request.</summary>
    public static void Check(Place spec, JsonObject? old, ServiceAddresses addresses)
    {
        // Who has an address keeps it: that another one may not be had is told by what may change, not here.
        var keeps = spec["type"].Text == "ExternalName" || (old is not null && old.Text("spec", "type") != "ExternalName");
        foreach (var address in keeps ? [] : spec["clusterIPs"].Items.Where(a => a.Text is not "None"))
        {
            if (addresses.Refusal(address.Text) is { } refusal)
            {
                spec["clusterIPs"].Invalid($"failed to allocate IP {address.Text}: {refusal}");
                return;
            }
        }

        // One number may serve several protocols of one port.
        if (spec["type"].Text is not ("NodePort" or "LoadBalancer"))
        {
            return;
        }

        var had = old.Items("spec", "ports").Select(p => p.Number("nodePort")).ToHashSet();
        Dictionary<long, long> owners = [];
        foreach (var port in spec["ports"].Items.Where(p => p["nodePort"].Number > 0))
        {
            var nodePort = port["nodePort"].Number;
            var refusal = owners.TryGetValue(nodePort, out var owner) && owner != port["port"].Number ? "provided port is already allocated"
                : had.Contains(nodePort) ? null
                : addresses.Refusal(nodePort);
            if (refusal is not null)
            {
                port["nodePort"].Invalid(refusal);
                return;
            }

            owners[nodePort] = port["port"].Number;
        }
    }
}
