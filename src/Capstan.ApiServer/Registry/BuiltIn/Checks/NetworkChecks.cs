using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of NetworkPolicy, IPAddress and ServiceCIDR.</summary>
internal static class NetworkChecks
{
    private static readonly (string Rules, string Peers)[] Directions = [("ingress", "from"), ("egress", "to")];

    /// <summary>NetworkPolicy.</summary>
    public static readonly KindCheck Policy = new(policy => CheckPolicy(policy["spec"], []))
    {
        Update = (policy, old) => CheckPolicy(policy["spec"], [.. Blocks(old["spec"]).SelectMany(b => b.Items("except").Append(b.At("cidr")).Select(r => r.Text()))]),
        Warn = policy => Directions.SelectMany(d => policy["spec"][d.Rules].Items.SelectMany(rule => rule[d.Peers].Items))
            .Select(peer => peer["ipBlock"]).Where(block => block.Exists)
            .SelectMany(block => Addresses.RangeWarnings(block["cidr"]).Concat(block["except"].Items.SelectMany(Addresses.RangeWarnings))),
    };

    /// <summary>IPAddress: what a Service has, kept in the name.</summary>
    public static readonly KindCheck Address = new(CheckAddress)
    {
        Update = (address, old) =>
        {
            CheckAddress(address);
            address["spec"]["parentRef"].Unchanged(old.At("spec", "parentRef"));
        },
    };

    /// <summary>ServiceCIDR.</summary>
    public static readonly KindCheck ServiceRange = new(range => CheckRanges(range["spec"]["cidrs"]))
    {
        Update = CheckRangesUpdate,
    };

    private static IEnumerable<JsonNode?> Blocks(JsonNode? spec) =>
        Directions.SelectMany(d => spec.Items(d.Rules).SelectMany(rule => rule.Items(d.Peers))).Select(peer => peer.At("ipBlock")).Where(block => block is not null);

    private static void CheckPolicy(Place spec, IReadOnlyList<string?> before)
    {
        spec["podSelector"].Selector();
        foreach (var (rules, peers) in Directions)
        {
            foreach (var rule in spec[rules].Items)
            {
                foreach (var port in rule["ports"].Items)
                {
                    CheckPort(port);
                }

                foreach (var peer in rule[peers].Items)
                {
                    CheckPeer(peer, before);
                }
            }
        }

        var types = spec["policyTypes"];
        if (types.Count > 2)
        {
            types.Invalid("may not specify more than two policyTypes");
            return;
        }

        foreach (var type in types.Items)
        {
            type.OneOf("Ingress", "Egress");
        }
    }

    private static void CheckPort(Place port)
    {
        port["protocol"].NoneOrOneOf("TCP", "UDP", "SCTP");
        var (number, end) = (port["port"], port["endPort"]);
        if (number.Value?.GetValueKind() == JsonValueKind.Number)
        {
            number.PortNumber();
            if (end.Exists)
            {
                if (end.Number < number.Number)
                {
                    end.Invalid(number.Number, "must be greater than or equal to `port`");
                }

                end.PortNumber();
            }

            return;
        }

        if (end.Exists)
        {
            end.Invalid(number.Exists ? "may not be specified when `port` is non-numeric" : "may not be specified when `port` is not specified");
        }

        if (number.Exists)
        {
            number.Follows(Naming.PortNameFaults);
        }
    }

    private static void CheckPeer(Place peer, IReadOnlyList<string?> before)
    {
        foreach (var selector in (ReadOnlySpan<string>)["podSelector", "namespaceSelector"])
        {
            if (peer[selector].Exists)
            {
                peer[selector].Selector();
            }
        }

        if (peer["ipBlock"].Exists)
        {
            CheckBlock(peer["ipBlock"], before);
            if (peer.Count > 1)
            {
                peer.Forbidden("may not specify both ipBlock and another peer");
            }
        }
        else if (peer.Count == 0)
        {
            peer.Required("must specify a peer");
        }
    }

    private static void CheckBlock(Place block, IReadOnlyList<string?> before)
    {
        if (!block["cidr"].HasText)
        {
            block["cidr"].Required();
            return;
        }

        Addresses.Range(block["cidr"], before);
        if (Addresses.ParseRange(block["cidr"].Text) is not { } outer)
        {
            return;
        }

        foreach (var except in block["except"].Items)
        {
            Addresses.Range(except, before);
            if (Addresses.ParseRange(except.Text) is { } inner && (!Addresses.Contains(outer, inner.Address) || outer.Length >= inner.Length))
            {
                except.Invalid("must be a strict subset of `cidr`");
            }
        }
    }

    private static void CheckAddress(Place address)
    {
        var parent = address["spec"]["parentRef"];
        if (!parent.Exists)
        {
            parent.Required();
            return;
        }

        parent["group"].NoneOrFollows(Naming.SubdomainFaults);
        parent["resource"].RequiredFollows(Naming.PathSegmentFaults);
        parent["name"].RequiredFollows(Naming.PathSegmentFaults);
        parent["namespace"].NoneOrFollows(Naming.PathSegmentFaults);
    }

    private static void CheckRanges(Place ranges)
    {
        switch (ranges.Count)
        {
            case 0:
                ranges.Required("at least one CIDR required");
                return;
            case > 2:
                ranges.Invalid(new JsonObject { ["CIDRs"] = ranges.Value?.DeepClone() }, "may only hold up to 2 values");
                return;
        }

        foreach (var range in ranges.Items)
        {
            Addresses.StrictRange(range);
        }

        if (ranges.Count == 2 && ranges.Items.Select(r => Addresses.ParseRange(r.Text)?.Address.AddressFamily).Distinct().Count() == 1
            && Addresses.ParseRange(ranges.Items.First().Text) is not null)
        {
            ranges.Invalid("may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    private static void CheckRangesUpdate(Place range, JsonObject old)
    {
        const string immutable = "field is immutable";
        var (ranges, before) = (range["spec"]["cidrs"], old.Items("spec", "cidrs"));
        if (before.Count != ranges.Count && (before.Count, ranges.Count) != (1, 2))
        {
            ranges.Invalid(immutable);
            return;
        }

        foreach (var (now, was) in ranges.Items.Zip(before))
        {
            if (now.Text != was.Text())
            {
                now.Invalid(immutable);
            }
        }

        if (before.Count < ranges.Count)
        {
            CheckRanges(ranges);
        }
    }
}
