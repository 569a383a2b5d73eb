using System.Text.Json.Nodes;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of EndpointSlice and of Endpoints, its predecessor.</summary>
internal static class EndpointsChecks
{
    private const int MaxEndpoints = 1000;
    private const int MaxAddresses = 100;
    private const int MaxPorts = 20000;
    private const int MaxHints = 8;
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    /// <summary>EndpointSlice.</summary>
    public static readonly KindCheck Slice = new(slice => CheckSlice(slice, null))
    {
        Update = (slice, old) =>
        {
            CheckSlice(slice, old);
            slice["addressType"].Unchanged(old.At("addressType"));
        },
        Warn = slice => (slice["addressType"].Text == "FQDN" ? ["spec.addressType: FQDN endpoints are deprecated"] : Array.Empty<string>()).Concat(WarnOfAddresses(slice)),
        WarnOfUpdate = (slice, _) => WarnOfAddresses(slice),
    };

    /// <summary>Endpoints.</summary>
    public static readonly KindCheck Endpoints = new(CheckSubsets)
    {
        // What an older server took stays.
        Update = (endpoints, old) =>
        {
            if (!JsonNode.DeepEquals(endpoints["subsets"].Value, old.At("subsets")))
            {
                CheckSubsets(endpoints);
            }
        },
        Warn = endpoints => endpoints["metadata"]["labels"]["endpoints.kubernetes.io/managed-by"].Text == "endpoint-controller" ? []
            : endpoints["subsets"].Items.SelectMany(s => s["addresses"].Items.Concat(s["notReadyAddresses"].Items)).SelectMany(a => Addresses.Warnings(a["ip"])),
    };

    private static IEnumerable<string> WarnOfAddresses(Place slice) =>
        slice["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"].Text is "endpointslice-controller.k8s.io" or "endpointslicemirroring-controller.k8s.io" ? []
            : slice["endpoints"].Items.SelectMany(e => e["addresses"].Items).SelectMany(Addresses.Warnings);

    private static void CheckSlice(Place slice, JsonObject? old)
    {
        slice["addressType"].RequiredOneOf("FQDN", "IPv4", "IPv6");
        if (slice["ports"].Count > MaxPorts)
        {
            slice["ports"].TooMany(MaxPorts);
        }
        else
        {
            CheckSlicePorts(slice["ports"]);
        }

        var endpoints = slice["endpoints"];
        if (old is not null && JsonNode.DeepEquals(endpoints.Value, old.At("endpoints")))
        {
            return;
        }

        if (endpoints.Count > MaxEndpoints)
        {
            endpoints.TooMany(MaxEndpoints);
            return;
        }

        foreach (var endpoint in endpoints.Items)
        {
            CheckEndpoint(endpoint, slice["addressType"].Text);
        }
    }

    private static void CheckSlicePorts(Place ports)
    {
        HashSet<string> names = [];
        foreach (var port in ports.Items)
        {
            port["name"].NoneOrFollows(Naming.LabelFaults);
            if (!names.Add(port["name"].Text))
            {
                port["name"].Duplicate();
            }

            port["protocol"].OneOf(Protocols);
            CheckApplication(port["appProtocol"]);
        }
    }

    private static void CheckEndpoint(Place endpoint, string type)
    {
        var addresses = endpoint["addresses"];
        if (addresses.Count == 0)
        {
            addresses.Required("must contain at least 1 address");
        }
        else if (addresses.Count > MaxAddresses)
        {
            addresses.TooMany(MaxAddresses);
        }

        foreach (var address in addresses.Items)
        {
            switch (type)
            {
                case "IPv4" when Addresses.Address(address):
                    CheckFamily(address, addresses, Addresses.IsVersion4(address.Text), "must be an IPv4 address");
                    break;
                case "IPv6" when Addresses.StrictAddress(address):
                    CheckFamily(address, addresses, Addresses.IsVersion6(address.Text), "must be an IPv6 address");
                    break;
                case "FQDN":
                    CheckFullName(address);
                    break;
            }
        }

        CheckHost(endpoint["nodeName"], Naming.SubdomainFaults);
        CheckHost(endpoint["hostname"], Naming.LabelFaults);
        CheckHints(endpoint["hints"]["forZones"], LabelSyntax.ValueFaults);
        CheckHints(endpoint["hints"]["forNodes"], Naming.SubdomainFaults);
    }

    private static void CheckFamily(Place address, Place addresses, bool right, string detail)
    {
        if (!right)
        {
            addresses.Invalid(address.Text, detail);
        }

        Addresses.Endpoint(address);
    }

    private static void CheckFullName(Place address)
    {
        if (!address.HasText)
        {
            address.Required();
            return;
        }

        var name = address.Text.EndsWith('.') ? address.Text[..^1] : address.Text;
        if (Naming.SubdomainFaults(name) is { Count: > 0 } faults)
        {
            address.Invalid(name, string.Join(',', faults));
        }
        else if (!name.Contains('.', StringComparison.Ordinal))
        {
            address.Invalid(name, "should be a domain with at least two segments separated by dots");
        }
        else if (name.Split('.').FirstOrDefault(l => Naming.LabelFaults(l).Count > 0) is { } label)
        {
            address.Invalid(label, string.Join(',', Naming.LabelFaults(label)));
        }
    }

    private static void CheckHost(Place name, Func<string, IReadOnlyList<string>> rule)
    {
        if (name.Exists)
        {
            name.Follows(rule);
        }
    }

    private static void CheckHints(Place hints, Func<string, IReadOnlyList<string>> rule)
    {
        if (hints.Count > MaxHints)
        {
            hints.TooMany(MaxHints);
            return;
        }

        HashSet<string> names = [];
        foreach (var name in hints.Items.Select(h => h["name"]))
        {
            if (!names.Add(name.Text))
            {
                name.Duplicate();
            }

            name.Follows(rule);
        }
    }

    private static void CheckApplication(Place protocol)
    {
        if (protocol.Exists)
        {
            protocol.Follows(LabelSyntax.KeyFaults);
        }
    }

    private static void CheckSubsets(Place endpoints)
    {
        foreach (var subset in endpoints["subsets"].Items)
        {
            if (subset["addresses"].Count + subset["notReadyAddresses"].Count == 0)
            {
                subset.Required("must specify `addresses` or `notReadyAddresses`");
            }

            foreach (var address in subset["addresses"].Items.Concat(subset["notReadyAddresses"].Items))
            {
                Addresses.Address(address["ip"]);
                address["hostname"].NoneOrFollows(Naming.LabelFaults);
                CheckHost(address["nodeName"], Naming.SubdomainFaults);
                Addresses.Endpoint(address["ip"]);
            }

            foreach (var port in subset["ports"].Items)
            {
                if (subset["ports"].Count > 1)
                {
                    port["name"].RequiredFollows(Naming.LabelFaults);
                }
                else
                {
                    port["name"].NoneOrFollows(Naming.LabelFaults);
                }

                port["port"].PortNumber();
                port["protocol"].RequiredOneOf(Protocols);
                CheckApplication(port["appProtocol"]);
            }
        }
    }
}
