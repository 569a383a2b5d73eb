using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Services;

/// <summary>Rules of Service.</summary>
internal sealed class ServiceRules(ResourceType type, Schema schema, bool hasStatus, ServiceAddresses addresses) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly string[] ClusterFields = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields => ["spec.clusterIP", "spec.type"];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field) => field is "spec.clusterIP" or "spec.type" ? obj.Text(field.Split('.')) ?? "" : base.FieldValue(obj, field);

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        PairAddresses(obj.Map("spec"));
        Allocate(obj.Map("spec"));
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        base.PrepareForUpdate(obj, old, subresource);
        if (subresource.Length > 0 || obj.Map("spec") is not { } spec || old.Map("spec") is not { } before)
        {
            return;
        }

        DropWhatTheTypeHasNot(spec, before);
        KeepAddress(spec, before);
        PairAddresses(spec);
        KeepNodePorts(spec, before);
        Allocate(spec);
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, ICollection<string> warnings)
    {
        if (obj.Text("spec", "trafficDistribution") == "PreferClose")
        {
            warnings.Add("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
        }
    }

    /// <summary>Gives a Service the address and the node ports that it does not ask for by number; those that it does are judged by validation.</summary>
    private void Allocate(JsonObject? spec)
    {
        var type = spec.Text("type");
        if (spec is null || type == "ExternalName")
        {
            return;
        }

        if (string.IsNullOrEmpty(spec.Text("clusterIP")))
        {
            spec["clusterIP"] = addresses.NextAddress();
        }

        spec.SetDefault("clusterIPs", new JsonArray(spec.Text("clusterIP")));
        spec.SetDefault("ipFamilies", new JsonArray("IPv4"));
        spec.SetDefault("ipFamilyPolicy", "SingleStack");
        if (type == "NodePort" || (type == "LoadBalancer" && spec.Flag("allocateLoadBalancerNodePorts") != false))
        {
            foreach (var port in spec.Items("ports").OfType<JsonObject>().Where(p => p.Number("nodePort") is null or 0))
            {
                port["nodePort"] = addresses.NextNodePort();
            }
        }

        if (type == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local")
        {
            spec["healthCheckNodePort"] ??= addresses.NextNodePort();
        }
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.GetOrAddMap("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("sessionAffinity", "None");
        switch (spec.Text("sessionAffinity"))
        {
            case "None":
                spec.Remove("sessionAffinityConfig");
                break;
            case "ClientIP" when spec.At("sessionAffinityConfig", "clientIP", "timeoutSeconds") is null:
                spec["sessionAffinityConfig"] = new JsonObject { ["clientIP"] = new JsonObject { ["timeoutSeconds"] = 10800 } };
                break;
        }

        spec.SetDefault("type", "ClusterIP");
        foreach (var port in spec.Items("ports").OfType<JsonObject>())
        {
            port.SetDefault("protocol", "TCP");
            if (port["targetPort"] is null || port.Number("targetPort") == 0 || port.Text("targetPort") == "")
            {
                port["targetPort"] = port["port"]?.DeepClone() ?? 0;
            }
        }

        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer")
        {
            spec.SetDefault("externalTrafficPolicy", "Cluster");
        }

        if (type is "ClusterIP" or "NodePort" or "LoadBalancer")
        {
            spec.SetDefault("internalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec.SetDefault("allocateLoadBalancerNodePorts", true);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        ServiceValidation.Check(obj, errors);
        if (errors.Count == 0)
        {
            ServiceValidation.CheckAllocation(obj, null, addresses, errors);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ServiceValidation.CheckAddressKept(obj, old, errors);
        ServiceValidation.Check(obj, errors);
        if (errors.Count == 0)
        {
            ServiceValidation.CheckAllocation(obj, old, addresses, errors);
        }
    }

    // clusterIP is the first of clusterIPs; either may be left out.
    private static void PairAddresses(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        var first = spec.Items("clusterIPs").FirstOrDefault().Text();
        if (string.IsNullOrEmpty(spec.Text("clusterIP")) && !string.IsNullOrEmpty(first))
        {
            spec["clusterIP"] = first;
        }
        else if (spec.Text("clusterIP") is { Length: > 0 } address && spec.Items("clusterIPs").Count == 0)
        {
            spec["clusterIPs"] = new JsonArray(address);
        }
    }

    private static void KeepAddress(JsonObject spec, JsonObject before)
    {
        if (spec.Text("type") == "ExternalName" || before.Text("type") == "ExternalName")
        {
            return;
        }

        foreach (var field in ClusterFields)
        {
            if (spec[field] is null || spec.Text(field) == "")
            {
                Restore(spec, before, field);
            }
        }

        // One of both was changed: the other follows.
        if (spec.Text("clusterIP") != before.Text("clusterIP") && JsonNode.DeepEquals(spec["clusterIPs"], before["clusterIPs"]))
        {
            spec["clusterIPs"] = new JsonArray(spec.Text("clusterIP"));
        }
    }

    private static void KeepNodePorts(JsonObject spec, JsonObject before)
    {
        if (spec.Text("type") is not ("NodePort" or "LoadBalancer"))
        {
            return;
        }

        foreach (var port in spec.Items("ports").OfType<JsonObject>().Where(p => p.Number("nodePort") is null or 0))
        {
            var same = before.Items("ports").FirstOrDefault(p => p.Number("port") == port.Number("port") && p.Text("protocol") == port.Text("protocol"));
            if (same.Number("nodePort") is { } nodePort and > 0 && !spec.Items("ports").Any(p => p.Number("nodePort") == nodePort))
            {
                port["nodePort"] = nodePort;
            }
        }
    }

    /// <summary>A change of type takes along what only the former type had, unless the writer sets it anew.</summary>
    private static void DropWhatTheTypeHasNot(JsonObject spec, JsonObject before)
    {
        var type = spec.Text("type");
        if (type == before.Text("type"))
        {
            return;
        }

        if (type == "ExternalName")
        {
            foreach (var field in ClusterFields)
            {
                DropUnchanged(spec, before, field);
            }
        }

        if (type is not ("NodePort" or "LoadBalancer"))
        {
            foreach (var port in spec.Items("ports").OfType<JsonObject>())
            {
                port.Remove("nodePort");
            }

            DropUnchanged(spec, before, "externalTrafficPolicy");
        }

        if (type != "LoadBalancer")
        {
            DropUnchanged(spec, before, "healthCheckNodePort");
            DropUnchanged(spec, before, "allocateLoadBalancerNodePorts");
            DropUnchanged(spec, before, "loadBalancerClass");
        }
    }

    private static void DropUnchanged(JsonObject spec, JsonObject before, string field)
    {
        if (spec[field] is not null && JsonNode.DeepEquals(spec[field], before[field]))
        {
            spec.Remove(field);
        }
    }
}
