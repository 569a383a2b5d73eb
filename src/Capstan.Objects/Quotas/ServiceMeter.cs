using System.Text.Json.Nodes;

namespace Capstan.Quotas;

/// <summary>Services count by number, by the ports of nodes that they take, and by load balancers.</summary>
internal sealed class ServiceMeter(GroupResource resource) : QuotaMeter(resource)
{
    public override bool ChangesWithObject => true;

    public override bool Measures(string name) => base.Measures(name) || name is "services" or "services.nodeports" or "services.loadbalancers";

    public override bool IsChargedAt(string subresource, JsonObject? old, JsonObject obj) => subresource.Length == 0;

    public override IReadOnlyDictionary<string, Quantity> Usage(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj["spec"];
        var ports = spec?["ports"] as JsonArray ?? [];
        var balances = (string?)spec?["type"] == "LoadBalancer";

        // Ports are allocated after they are counted, so what counts is whether they will be.
        var nodePorts = (string?)spec?["type"] switch
        {
            "NodePort" => ports.Count,
            "LoadBalancer" when (bool?)spec["allocateLoadBalancerNodePorts"] != false => ports.Count,
            "LoadBalancer" => ports.Count(port => (long?)port?["nodePort"] is not (null or 0)),
            _ => 0,
        };
        return new Dictionary<string, Quantity>(base.Usage(obj, now))
        {
            ["services"] = Quantity.FromInt64(1),
            ["services.nodeports"] = Quantity.FromInt64(nodePorts),
            ["services.loadbalancers"] = Quantity.FromInt64(balances ? 1 : 0),
        };
    }
}
