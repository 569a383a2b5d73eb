using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
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
        PairAddresses(obj.Map("spec"), isNew: true);
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
        PairAddresses(spec, isNew: false);
        KeepNodePorts(spec, before);
        Allocate(spec);
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        foreach (var warning in subresource.Length > 0 ? [] : ServiceWarnings.Of(new(obj, "", Schema, [])))
        {
            warnings.Add(warning);
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

        // There are none of the other family.
        if (string.IsNullOrEmpty(spec.Text("clusterIP")) && spec.Items("clusterIPs").Count == 0 && spec.Items("ipFamilies").FirstOrDefault().Text() is null or "IPv4")
        {
            spec["clusterIP"] = addresses.NextAddress();
            spec["clusterIPs"] = new JsonArray(spec.Text("clusterIP"));
        }

        SetFamilies(spec);
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
        if (type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.Items("externalIPs").Count > 0))
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
            foreach (var point in obj.Items("status", "loadBalancer", "ingress").OfType<JsonObject>().Where(p => !string.IsNullOrEmpty(p.Text("ip"))))
            {
                point.SetDefault("ipMode", "VIP");
            }
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var service = new Place(obj, "", Schema, errors);
        if (CanBeHad(service, null))
        {
            ServiceValidation.Check(service, null);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        var service = new Place(obj, "", Schema, errors);
        if (CanBeHad(service, old))
        {
            ServiceValidation.CheckChange(service, old);
            ServiceValidation.Check(service, old);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors) =>
        ServiceValidation.CheckStatus(new(obj, "", Schema, errors), old);

    // Addresses and ports are given before anything else is looked at; what cannot be had is told alone.
    private bool CanBeHad(Place service, JsonObject? old)
    {
        var before = service.Errors.Count;
        ServiceFamilies.Check(service["spec"], old);
        if (service.Errors.Count == before)
        {
            ServiceFamilies.CheckConfigured(service["spec"]);
        }

        if (service.Errors.Count == before)
        {
            ServiceAllocation.Check(service["spec"], old, addresses);
        }

        return service.Errors.Count == before;
    }

    // Pods that nobody selects may have addresses of either family, wherever they are.
    private static void SetFamilies(JsonObject spec)
    {
        var external = spec.Text("clusterIP") == "None" && (spec.Map("selector")?.Count ?? 0) == 0;
        spec.SetDefault("ipFamilyPolicy", external ? "RequireDualStack" : "SingleStack");
        if (spec.Items("ipFamilies").Count == 0 && !Addresses.IsVersion6(spec.Text("clusterIP") ?? ""))
        {
            spec["ipFamilies"] = new JsonArray("IPv4");
        }

        if (external && spec.Text("ipFamilyPolicy") != "SingleStack" && spec.Items("ipFamilies") is [var only])
        {
            spec["ipFamilies"]!.AsArray().Add((JsonNode)(only.Text() == "IPv6" ? "IPv4" : "IPv6"));
        }
    }

    // clusterIP is the first of clusterIPs; a new Service that names addresses names it.
    private static void PairAddresses(JsonObject? spec, bool isNew)
    {
        if (spec is null)
        {
            return;
        }

        var first = spec.Items("clusterIPs").FirstOrDefault().Text();
        if (!isNew && string.IsNullOrEmpty(spec.Text("clusterIP")) && !string.IsNullOrEmpty(first))
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
