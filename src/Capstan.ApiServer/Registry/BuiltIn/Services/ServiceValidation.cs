using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Services;

/// <summary>Faults of a Service, in the order in which Kubernetes finds them.</summary>
internal static class ServiceValidation
{
    private const string RangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
    private const string HintsAnnotation = "service.kubernetes.io/topology-aware-hints";
    private const string ModeAnnotation = "service.kubernetes.io/topology-mode";
    private const string OnlyForBalancers = "may only be used when `type` is 'LoadBalancer'";
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

    /// <summary>Whether there are no addresses but those of the pods.</summary>
    public static bool IsHeadless(Place spec) => spec["clusterIPs"].Count == 1 && spec["clusterIPs"].Items.First().Text == "None";

    /// <summary>Adds the faults.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="old">What it was; null when it is new.</param>
    public static void Check(Place service, JsonObject? old)
    {
        var (annotations, spec) = (service["metadata"]["annotations"], service["spec"]);
        if (annotations[ModeAnnotation].Exists && annotations[HintsAnnotation].Exists && annotations[ModeAnnotation].Text != annotations[HintsAnnotation].Text)
        {
            annotations[ModeAnnotation].As($"{annotations.Path}[{ModeAnnotation}]").Invalid($"must match annotations[{HintsAnnotation}] when both are specified");
        }

        var headless = IsHeadless(spec);
        var type = spec["type"].Text;
        if (spec["ports"].Count == 0 && !headless && type != "ExternalName")
        {
            spec["ports"].Required();
        }

        CheckType(spec, type, headless);
        HashSet<string> names = [];
        foreach (var port in spec["ports"].Items)
        {
            CheckPort(port, spec["ports"].Count > 1, names);
        }

        spec["selector"].Labels();
        CheckAffinity(spec);
        ServiceFamilies.Check(spec, old);
        foreach (var address in spec["externalIPs"].Items)
        {
            if (Addresses.Address(address, old.Items("spec", "externalIPs").Select(a => a.Text())))
            {
                Addresses.Endpoint(address);
            }
        }

        spec["type"].RequiredOneOf(Types);
        CheckNodePorts(spec, type);
        CheckBalancer(service, old, type);
        CheckTraffic(spec, type);
    }

    /// <summary>Adds the faults of a change that what the Service has does not allow.</summary>
    public static void CheckChange(Place service, JsonObject old)
    {
        var spec = service["spec"];
        ServiceFamilies.CheckKept(spec, old);
        var both = spec["type"].Text == "LoadBalancer" && old.Text("spec", "type") == "LoadBalancer";
        if (both && spec["loadBalancerClass"].Value.Text() != old.Text("spec", "loadBalancerClass"))
        {
            spec["loadBalancerClass"].Invalid("may not change once set");
        }

        CheckBalancerClass(spec);
        if (both && NeedsHealthCheck(spec["externalTrafficPolicy"].Text, "LoadBalancer") && NeedsHealthCheck(old.Text("spec", "externalTrafficPolicy"), "LoadBalancer")
            && spec["healthCheckNodePort"].Number != (old.Number("spec", "healthCheckNodePort") ?? 0))
        {
            spec["healthCheckNodePort"].Forbidden("field is immutable");
        }
    }

    /// <summary>Adds the faults of a status.</summary>
    public static void CheckStatus(Place service, JsonObject old)
    {
        var points = service["status"]["loadBalancer"]["ingress"];
        if (service["spec"]["type"].Text != "LoadBalancer")
        {
            if (points.Count > 0)
            {
                points.Forbidden("may only be used when `spec.type` is 'LoadBalancer'");
            }

            return;
        }

        var before = old.Items("status", "loadBalancer", "ingress").Select(p => p.Text("ip"));
        foreach (var point in points.Items)
        {
            if (point["ip"].HasText)
            {
                Addresses.Address(point["ip"], before);
            }

            switch (point["ip"].HasText, point["ipMode"].Exists)
            {
                case (true, false):
                    point["ipMode"].Required("must be specified when `ip` is set");
                    break;
                case (false, true):
                    point["ipMode"].Forbidden("may not be specified when `ip` is not set");
                    break;
                case (true, true):
                    point["ipMode"].OneOf("Proxy", "VIP");
                    break;
            }

            IngressChecks.CheckBalancerHost(point["hostname"]);
        }
    }

    private static bool NeedsHealthCheck(string? policy, string type) => type == "LoadBalancer" && policy == "Local";

    private static void CheckType(Place spec, string type, bool headless)
    {
        if (type is ("LoadBalancer" or "NodePort") && headless)
        {
            spec["clusterIPs"].Items.First().Invalid($"may not be set to 'None' for {type} services");
        }

        if (type != "ExternalName")
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[field].Count > 0 || spec[field].Value.Text() is not null)
            {
                spec[field].Forbidden("may not be set for ExternalName services");
            }
        }

        var name = spec["externalName"];
        (name with { Value = name.Text.EndsWith('.') ? name.Text[..^1] : name.Text }).RequiredFollows(Naming.SubdomainFaults);
    }

    private static void CheckPort(Place port, bool nameRequired, HashSet<string> names)
    {
        var name = port["name"];
        if (nameRequired && !name.HasText)
        {
            name.Required();
        }
        else if (name.HasText)
        {
            name.Follows(Naming.LabelFaults);
            if (!names.Add(name.Text))
            {
                name.Duplicate();
            }
        }

        port["port"].PortNumber();
        port["protocol"].RequiredOneOf(Protocols);
        port["targetPort"].PortNumberOrName();
        if (port["appProtocol"].Exists)
        {
            port["appProtocol"].Follows(LabelSyntax.KeyFaults);
        }
    }

    private static void CheckAffinity(Place spec)
    {
        spec["sessionAffinity"].RequiredOneOf("ClientIP", "None");
        var seconds = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"];
        if (spec["sessionAffinity"].Text == "ClientIP" && seconds.Number is (<= 0 or > 86400))
        {
            seconds.Invalid("must be greater than 0 and less than 86400");
        }
    }

    private static void CheckNodePorts(Place spec, string type)
    {
        HashSet<(string, long)> nodePorts = [], numbers = [];
        var ports = spec["ports"].Items.ToList();
        foreach (var port in ports.Where(p => type == "ClusterIP" && p["nodePort"].Number != 0))
        {
            port["nodePort"].Forbidden("may not be used when `type` is 'ClusterIP'");
        }

        foreach (var port in ports.Where(p => p["nodePort"].Number != 0 && !nodePorts.Add((p["protocol"].Text, p["nodePort"].Number))))
        {
            port["nodePort"].Duplicate();
        }

        foreach (var port in ports.Where(p => !numbers.Add((p["protocol"].Text, p["port"].Number))))
        {
            (port with { Value = new JsonObject { ["protocol"] = port["protocol"].Text, ["port"] = port["port"].Number } }).Duplicate();
        }
    }

    private static void CheckBalancer(Place service, JsonObject? old, string type)
    {
        var spec = service["spec"];
        var (ranges, annotation) = (spec["loadBalancerSourceRanges"].As("spec.LoadBalancerSourceRanges"), service["metadata"]["annotations"][RangesAnnotation].As($"metadata.annotations[{RangesAnnotation}]"));
        if (ranges.Count > 0)
        {
            ForbidBeside(ranges, type);
            var before = old.Items("spec", "loadBalancerSourceRanges").Select(r => r.Text()?.Trim());
            foreach (var range in ranges.Items)
            {
                Addresses.Range(range, before);
            }
        }
        else if (annotation.Exists)
        {
            ForbidBeside(annotation, type);
            if (old.Text("metadata", "annotations", RangesAnnotation) != annotation.Text && annotation.Text.Trim().Length > 0)
            {
                foreach (var range in annotation.Text.Trim().Split(','))
                {
                    Addresses.Range(annotation with { Value = range });
                }
            }
        }

        if (spec["allocateLoadBalancerNodePorts"].Exists)
        {
            ForbidBeside(spec["allocateLoadBalancerNodePorts"], type);
        }

        CheckBalancerClass(spec);
    }

    private static void CheckBalancerClass(Place spec)
    {
        var name = spec["loadBalancerClass"];
        if (!name.Exists)
        {
            return;
        }

        if (spec["type"].Text == "LoadBalancer")
        {
            name.Follows(LabelSyntax.KeyFaults);
        }
        else
        {
            name.Forbidden(OnlyForBalancers);
        }
    }

    private static void ForbidBeside(Place place, string type)
    {
        if (type != "LoadBalancer")
        {
            place.Forbidden(OnlyForBalancers);
        }
    }

    private static void CheckTraffic(Place spec, string type)
    {
        var (external, health) = (spec["externalTrafficPolicy"], spec["healthCheckNodePort"]);
        if (type is "LoadBalancer" or "NodePort" || (type == "ClusterIP" && spec["externalIPs"].Count > 0))
        {
            external.RequiredOneOf("Cluster", "Local");
        }
        else if (external.HasText)
        {
            external.Invalid("may only be set for externally-accessible services");
        }

        if (!NeedsHealthCheck(external.Text, type))
        {
            if (health.Number != 0)
            {
                health.Invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        }
        else if (health.Number == 0)
        {
            health.Required();
        }
        else
        {
            health.PortNumber();
        }

        var inner = spec["internalTrafficPolicy"];
        if (!inner.Exists && type is ("NodePort" or "LoadBalancer" or "ClusterIP"))
        {
            inner.Required();
        }

        inner.NoneOrOneOf("Cluster", "Local");
        spec["trafficDistribution"].NoneOrOneOf("PreferClose", "PreferSameZone", "PreferSameNode");
    }
}
