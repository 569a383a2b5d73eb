using System.Globalization;
using System.Text.Json.Nodes;
using static Capstan.ApiServer.Registry.BuiltIn.Columns.Column;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Tables of services and of what leads to and behind them.</summary>
internal static class NetworkColumns
{
    public static readonly (string Group, string Kind, IReadOnlyList<TableColumn> Columns)[] All =
    [
        ("", "Service",
        [
            Name,
            Text("Type", "How the service is reached.", o => o.Text("spec", "type")),
            Text("Cluster-IP", "Address inside of the cluster.", o => o.Items("spec", "clusterIPs").FirstOrDefault().Text() ?? "<none>"),
            Text("External-IP", "Addresses outside of the cluster.", ExternalAddresses),
            Text("Port(s)", "Ports, and node ports behind a colon.", ServicePorts),
            Age,
            Wide(Text("Selector", "Labels of the pods behind the service.", o => Labels(o.Map("spec", "selector")))),
        ]),
        ("", "Endpoints", [Name, Text("Endpoints", "Addresses and ports.", o => FirstThree([.. Endpoints(o)], "<none>")), Age]),
        ("discovery.k8s.io", "EndpointSlice",
        [
            Name,
            Text("AddressType", "Kind of addresses.", o => o.Text("addressType")),
            Text("Ports", "Ports of all endpoints.", o => FirstThree([.. o.Items("ports").Select(p => IntOrString(p.At("port")) ?? p.Text("name") ?? "*")], "<unset>")),
            Text("Endpoints", "Addresses.", o => FirstThree([.. o.Items("endpoints").SelectMany(e => e.Items("addresses")).Select(a => a.Text() ?? "")], "<unset>")),
            Age,
        ]),
        ("networking.k8s.io", "Ingress",
        [
            Name,
            Text("Class", "Class of the ingress.", o => o.Text("spec", "ingressClassName") ?? "<none>"),
            Text("Hosts", "Host names that are served.", Hosts),
            Text("Address", "Addresses of the load balancer.", LoadBalancer),
            Text("Ports", "Ports that are served.", o => o.Items("spec", "tls").Count > 0 ? "80, 443" : "80"),
            Age,
        ]),
        ("networking.k8s.io", "IngressClass",
        [
            Name with { Cell = (o, _) => DefaultName(o, "ingressclass.kubernetes.io/is-default-class") },
            Text("Controller", "Who implements the class.", o => o.Text("spec", "controller")),
            Text("Parameters", "Where its parameters are.", IngressParameters),
            Age,
        ]),
        ("networking.k8s.io", "NetworkPolicy", [Name, Text("Pod-Selector", "Pods that the policy is for.", o => Selector(o.At("spec", "podSelector"))), Age]),
        ("networking.k8s.io", "ServiceCIDR", [Name, Text("CIDRs", "Ranges of addresses.", o => string.Join(",", o.Items("spec", "cidrs").Select(c => c.Text()))), Age]),
        ("networking.k8s.io", "IPAddress", [Name, Text("ParentRef", "Whose address it is.", AddressParent)]),
    ];

    /// <summary>The name, marked when an annotation makes the object the default of its kind.</summary>
    public static string DefaultName(JsonObject obj, string annotation) =>
        obj.Text("metadata", "name") + (obj.Text("metadata", "annotations", annotation) == "true" ? " (default)" : "");

    private static string ExternalAddresses(JsonObject service)
    {
        var external = service.Items("spec", "externalIPs").Select(ip => ip.Text()).ToList();
        switch (service.Text("spec", "type"))
        {
            case "ClusterIP" or "NodePort":
                return external.Count > 0 ? string.Join(",", external) : "<none>";
            case "LoadBalancer":
                var all = string.Join(",", [LoadBalancer(service), .. external]).Trim(',');
                return all.Length > 0 ? all : "<pending>";
            case "ExternalName":
                return service.Text("spec", "externalName") ?? "";
            default:
                return "<unknown>";
        }
    }

    private static string LoadBalancer(JsonObject obj) => string.Join(",", obj.Items("status", "loadBalancer", "ingress")
        .Select(i => i.Text("ip") is { Length: > 0 } ip ? ip : i.Text("hostname"))
        .Where(a => !string.IsNullOrEmpty(a)).Distinct().Order(StringComparer.Ordinal));

    private static string ServicePorts(JsonObject service)
    {
        var ports = service.Items("spec", "ports").Select(p => string.Create(CultureInfo.InvariantCulture,
            $"{p.Number("port")}{(p.Number("nodePort") is > 0 and var node ? $":{node}" : "")}/{p.Text("protocol")}")).ToList();
        return ports.Count == 0 ? "<none>" : string.Join(",", ports);
    }

    private static IEnumerable<string> Endpoints(JsonObject endpoints)
    {
        foreach (var subset in endpoints.Items("subsets"))
        {
            var addresses = subset.Items("addresses").Select(a => a.Text("ip") ?? "").ToList();
            var ports = subset.Items("ports");
            var shown = ports.Count == 0
                ? addresses
                : ports.SelectMany(p => addresses.Select(a => string.Create(CultureInfo.InvariantCulture, $"{(a.Contains(':') ? $"[{a}]" : a)}:{p.Number("port")}")));
            foreach (var endpoint in shown)
            {
                yield return endpoint;
            }
        }
    }

    private static string Hosts(JsonObject ingress)
    {
        var rules = ingress.Items("spec", "rules");
        var hosts = rules.Select(r => r.Text("host")).Where(h => !string.IsNullOrEmpty(h)).ToList();
        return hosts.Count == 0 ? "*"
            : hosts.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $"{string.Join(",", hosts.Take(3))} + {rules.Count - 3} more...")
            : string.Join(",", hosts);
    }

    private static string IngressParameters(JsonObject ingressClass)
    {
        if (ingressClass.Map("spec", "parameters") is not { } parameters)
        {
            return "<none>";
        }

        var group = parameters.Text("apiGroup") is { } g ? "." + g : "";
        return $"{parameters.Text("kind")}{group}/{parameters.Text("name")}";
    }

    private static string AddressParent(JsonObject address)
    {
        if (address.Map("spec", "parentRef") is not { } parent)
        {
            return "<none>";
        }

        var resource = new GroupResource(parent.Text("group") ?? "", parent.Text("resource") ?? "");
        return $"{resource}/{(parent.Text("namespace") is { Length: > 0 } ns ? ns + "/" : "")}{parent.Text("name")}";
    }
}
