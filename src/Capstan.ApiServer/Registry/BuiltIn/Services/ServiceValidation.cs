using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Services;

/// <summary>Faults of a Service, in the order in which Kubernetes finds them.</summary>
internal static class ServiceValidation
{
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    /// <summary>Adds the faults of the spec.</summary>
    public static void Check(JsonObject service, ICollection<FieldError> errors)
    {
        var spec = service.Map("spec");
        var before = errors.Count;
        CheckFamilies(spec, errors);
        if (errors.Count > before)
        {
            // Without sound families no address can be given: Kubernetes goes no further.
            return;
        }

        var type = spec.Text("type");
        var headless = spec.Text("clusterIP") == "None";
        var ports = spec.Items("ports");
        if (ports.Count == 0 && !headless && type != "ExternalName")
        {
            errors.Add(FieldErrors.Required("spec.ports"));
        }

        if (type == "LoadBalancer" && headless)
        {
            errors.Add(FieldErrors.Invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services"));
        }

        if (type == "NodePort" && headless)
        {
            errors.Add(FieldErrors.Invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"));
        }

        if (type == "ExternalName")
        {
            CheckExternalName(spec, errors);
        }

        HashSet<string> names = [];
        for (var i = 0; i < ports.Count; i++)
        {
            CheckPort(ports[i], $"spec.ports[{i}]", ports.Count > 1, names, headless, errors);
        }

        CheckRepeatedPorts(ports, errors);
        MetadataRules.CheckLabels(spec.Map("selector"), "spec.selector", errors);
        CheckWord(spec, "sessionAffinity", ["ClientIP", "None"], errors);
        if (spec.Text("sessionAffinity") == "ClientIP" && spec.Number("sessionAffinityConfig", "clientIP", "timeoutSeconds") is <= 0 or > 86400)
        {
            errors.Add(FieldErrors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", spec.At("sessionAffinityConfig", "clientIP", "timeoutSeconds"),
                "must be greater than 0 and less than 86400"));
        }

        CheckExternalAddresses(spec, errors);
        CheckWord(spec, "type", ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], errors);
        CheckLoadBalancer(spec, errors);
        if (spec.Text("externalTrafficPolicy") is { Length: > 0 } external)
        {
            if (type is not ("NodePort" or "LoadBalancer") && spec.Items("externalIPs").Count == 0)
            {
                errors.Add(FieldErrors.Invalid("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services"));
            }
            else
            {
                CheckWord(spec, "externalTrafficPolicy", ["Cluster", "Local"], errors);
            }
        }

        if (spec.Text("internalTrafficPolicy") is { } policy && policy is not ("Cluster" or "Local"))
        {
            errors.Add(FieldErrors.NotSupported("spec.internalTrafficPolicy", policy, ["Cluster", "Local"]));
        }
    }

    /// <summary>Adds a fault when a cluster address, once had, is changed.</summary>
    public static void CheckAddressKept(JsonObject service, JsonObject old, ICollection<FieldError> errors)
    {
        var before = old.Text("spec", "clusterIP");
        if (string.IsNullOrEmpty(before) || service.Text("spec", "type") == "ExternalName" || old.Text("spec", "type") == "ExternalName")
        {
            return;
        }

        if (service.Text("spec", "clusterIP") != before)
        {
            errors.Add(FieldErrors.Invalid("spec.clusterIPs[0]", service.At("spec", "clusterIPs"), "may not change once set"));
        }
    }

    /// <summary>Adds the faults of addresses and ports that are asked for but cannot be had.</summary>
    public static void CheckAllocation(JsonObject service, JsonObject? old, ServiceAddresses addresses, ICollection<FieldError> errors)
    {
        var spec = service.Map("spec");
        if (spec.Text("type") != "ExternalName" && spec.Text("clusterIP") is { Length: > 0 } address and not "None" && address != old.Text("spec", "clusterIP")
            && addresses.Refusal(address) is { } refusal)
        {
            errors.Add(FieldErrors.Invalid("spec.clusterIPs", new JsonArray(address), $"failed to allocate IP {address}: {refusal}"));
        }

        var had = old.Items("spec", "ports").Select(p => p.Number("nodePort")).ToHashSet();
        var ports = spec.Items("ports");
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].Number("nodePort") is { } nodePort and > 0 && !had.Contains(nodePort) && addresses.Refusal(nodePort) is { } taken)
            {
                errors.Add(FieldErrors.Invalid($"spec.ports[{i}].nodePort", nodePort, taken));
            }
        }
    }

    private static void CheckExternalName(JsonObject? spec, ICollection<FieldError> errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["clusterIPs", "ipFamilies"])
        {
            if (spec.Items(field).Count > 0)
            {
                errors.Add(FieldErrors.Forbidden($"spec.{field}", "may not be set for ExternalName services"));
            }
        }

        var name = spec.Text("externalName") ?? "";
        var trimmed = name.EndsWith('.') ? name[..^1] : name;
        if (trimmed.Length == 0)
        {
            errors.Add(FieldErrors.Required("spec.externalName"));
        }
        else
        {
            MetadataRules.Add(errors, "spec.externalName", trimmed, Naming.SubdomainFaults(trimmed));
        }
    }

    private static void CheckPort(JsonNode? port, string path, bool nameRequired, HashSet<string> names, bool headless, ICollection<FieldError> errors)
    {
        var name = port.Text("name") ?? "";
        if (name.Length == 0 && nameRequired)
        {
            errors.Add(FieldErrors.Required($"{path}.name"));
        }
        else if (name.Length > 0)
        {
            MetadataRules.Add(errors, $"{path}.name", name, Naming.LabelFaults(name));
            if (!names.Add(name))
            {
                errors.Add(FieldErrors.Duplicate($"{path}.name", name));
            }
        }

        CheckNumber(port, "port", path, errors);
        var protocol = port.Text("protocol") ?? "";
        if (!Protocols.Contains(protocol))
        {
            errors.Add(protocol.Length == 0 ? FieldErrors.Required($"{path}.protocol") : FieldErrors.NotSupported($"{path}.protocol", protocol, Protocols));
        }

        if (port.At("targetPort")?.GetValueKind() == JsonValueKind.String)
        {
            var target = port.Text("targetPort")!;
            MetadataRules.Add(errors, $"{path}.targetPort", target, Naming.PortNameFaults(target));
        }
        else
        {
            CheckNumber(port, "targetPort", path, errors);
        }

        if (port.Text("appProtocol") is { Length: > 0 } application)
        {
            MetadataRules.Add(errors, $"{path}.appProtocol", application, Selectors.LabelSyntax.KeyFaults(application));
        }

        if (headless && port.Number("nodePort") is > 0)
        {
            errors.Add(FieldErrors.Forbidden($"{path}.nodePort", "may not be used when `type` is 'ClusterIP'"));
        }
    }

    private static void CheckNumber(JsonNode? port, string field, string path, ICollection<FieldError> errors)
    {
        if ((port.Number(field) ?? 0) is < 1 or > 65535)
        {
            errors.Add(FieldErrors.Invalid($"{path}.{field}", port.Number(field) ?? 0, "must be between 1 and 65535, inclusive"));
        }
    }

    private static void CheckRepeatedPorts(IList<JsonNode?> ports, ICollection<FieldError> errors)
    {
        HashSet<(string?, long?)> seen = [];
        for (var i = 0; i < ports.Count; i++)
        {
            var (protocol, number) = (ports[i].Text("protocol"), ports[i].Number("port"));
            if (!seen.Add((protocol, number)))
            {
                errors.Add(new(FieldErrorReasons.Duplicate, $"spec.ports[{i}]",
                    $"Duplicate value: {{\"Name\":\"\",\"Protocol\":\"{protocol}\",\"AppProtocol\":null,\"Port\":{number},\"TargetPort\":0,\"NodePort\":0}}"));
            }
        }
    }

    private static void CheckWord(JsonObject? spec, string field, string[] words, ICollection<FieldError> errors)
    {
        if (spec.Text(field) is { Length: > 0 } word && !words.Contains(word))
        {
            errors.Add(FieldErrors.NotSupported($"spec.{field}", word, words));
        }
    }

    private static void CheckFamilies(JsonObject? spec, ICollection<FieldError> errors)
    {
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }

        var addresses = spec.Items("clusterIPs");
        if (addresses.Count > 0 && spec.Text("clusterIP") is { Length: > 0 } address && addresses[0].Text() != address)
        {
            errors.Add(FieldErrors.Invalid("spec.clusterIPs", spec.At("clusterIPs"), "first value must match `clusterIP`"));
        }

        var families = spec.Items("ipFamilies");
        HashSet<string?> seen = [];
        for (var i = 0; i < families.Count; i++)
        {
            var family = families[i].Text();
            if (family is not ("IPv4" or "IPv6"))
            {
                errors.Add(FieldErrors.NotSupported($"spec.ipFamilies[{i}]", families[i], ["IPv4", "IPv6"]));
            }
            else if (!seen.Add(family))
            {
                errors.Add(FieldErrors.Duplicate($"spec.ipFamilies[{i}]", families[i]));
            }
        }

        CheckWord(spec, "ipFamilyPolicy", ["PreferDualStack", "RequireDualStack", "SingleStack"], errors);
        for (var i = 0; i < addresses.Count; i++)
        {
            if (addresses[i].Text() is not "None" and var ip && !IsAddress(ip))
            {
                errors.Add(FieldErrors.Invalid($"spec.clusterIPs[{i}]", addresses[i], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            }
        }

        if (errors.Count == 0)
        {
            // This server has IPv4 alone.
            if (spec.Text("ipFamilyPolicy") == "RequireDualStack")
            {
                errors.Add(FieldErrors.Invalid("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services"));
            }

            if (families.Count > 0 && families[0].Text() == "IPv6" && spec.Text("clusterIP") != "None")
            {
                errors.Add(FieldErrors.Invalid("spec.ipFamilies[0]", "IPv6", "not configured on this cluster"));
            }
        }
    }

    private static void CheckExternalAddresses(JsonObject? spec, ICollection<FieldError> errors)
    {
        var addresses = spec.Items("externalIPs");
        for (var i = 0; i < addresses.Count; i++)
        {
            var text = addresses[i].Text();
            if (!IsAddress(text))
            {
                errors.Add(FieldErrors.Invalid($"spec.externalIPs[{i}]", addresses[i], "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            }
            else if (IPAddress.IsLoopback(IPAddress.Parse(text!)))
            {
                errors.Add(FieldErrors.Invalid($"spec.externalIPs[{i}]", addresses[i], "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
            }
        }
    }

    private static void CheckLoadBalancer(JsonObject? spec, ICollection<FieldError> errors)
    {
        const string onlyThere = "may only be used when `type` is 'LoadBalancer'";
        var isLoadBalancer = spec.Text("type") == "LoadBalancer";
        var ranges = spec.Items("loadBalancerSourceRanges");
        if (ranges.Count > 0 && !isLoadBalancer)
        {
            errors.Add(FieldErrors.Forbidden("spec.LoadBalancerSourceRanges", onlyThere));
        }

        for (var i = 0; i < ranges.Count; i++)
        {
            if (!IPNetwork.TryParse(ranges[i].Text()?.Trim() ?? "", out _))
            {
                errors.Add(FieldErrors.Invalid($"spec.LoadBalancerSourceRanges[{i}]", ranges[i], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
            }
        }

        if (isLoadBalancer)
        {
            if (spec.At("allocateLoadBalancerNodePorts") is null)
            {
                errors.Add(FieldErrors.Required("spec.allocateLoadBalancerNodePorts"));
            }

            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["allocateLoadBalancerNodePorts", "loadBalancerClass"])
        {
            if (spec.At(field) is not null)
            {
                errors.Add(FieldErrors.Forbidden($"spec.{field}", onlyThere));
            }
        }
    }

    // Stricter than .NET, which reads 10.1 as an address.
    private static bool IsAddress(string? text) => IPAddress.TryParse(text, out var parsed) && (text.Contains(':', StringComparison.Ordinal) || text.Split('.').Length == 4) && parsed is not null;
}
