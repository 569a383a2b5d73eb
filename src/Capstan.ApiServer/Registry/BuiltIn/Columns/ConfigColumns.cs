using System.Text.Json.Nodes;
using static Capstan.ApiServer.Registry.BuiltIn.Columns.Column;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Tables of namespaces, nodes, configuration, leases, accounts and extensions of the API.</summary>
internal static class ConfigColumns
{
    public static readonly (string Group, string Kind, IReadOnlyList<TableColumn> Columns)[] All =
    [
        ("", "Namespace", [Name, Text("Status", "Active, or Terminating once deleted.", o => o.Text("status", "phase")), Age]),
        ("", "ConfigMap",
        [
            Name,
            Number("Data", SharedDescriptions.ConfigMapData, o => (o.Map("data")?.Count ?? 0) + (o.Map("binaryData")?.Count ?? 0), "string"),
            Age,
        ]),
        ("", "Secret",
        [
            Name,
            Text("Type", "What the secret is for.", o => o.Text("type")),
            Number("Data", "How many entries it has.", o => o.Map("data")?.Count ?? 0, "string"),
            Age,
        ]),
        ("", "ServiceAccount", [Name, Age]),
        ("", "Node",
        [
            Name,
            Text("Status", "Whether the node is ready.", NodeStatus),
            Text("Roles", "Roles of the node.", Roles),
            Age,
            Text("Version", "Version of the kubelet.", o => o.Text("status", "nodeInfo", "kubeletVersion")),
            Wide(Text("Internal-IP", "Address inside of the cluster.", o => Address(o, "InternalIP"))),
            Wide(Text("External-IP", "Address outside of the cluster.", o => Address(o, "ExternalIP"))),
            Wide(Text("OS-Image", "Operating system.", o => OrUnknown(o.Text("status", "nodeInfo", "osImage")))),
            Wide(Text("Kernel-Version", "Kernel, and architecture.", Kernel)),
            Wide(Text("Container-Runtime", "What runs containers.", o => OrUnknown(o.Text("status", "nodeInfo", "containerRuntimeVersion")))),
        ]),
        ("coordination.k8s.io", "Lease", [Name, Text("Holder", "Who holds the lease.", o => o.Text("spec", "holderIdentity")), Age]),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration", Counted("Webhooks", "How many webhooks it registers.", "webhooks")),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", Counted("Webhooks", "How many webhooks it registers.", "webhooks")),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy",
        [
            Name,
            Number("Validations", "How many rules it has.", o => o.Items("spec", "validations").Count),
            Text("ParamKind", "Kind of its parameters.", o => ParamKind(o.At("spec", "paramKind"))),
            Age,
        ]),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding",
        [
            Name,
            Text("PolicyName", "The policy that is bound.", o => o.Text("spec", "policyName")),
            Text("ParamRef", "Where its parameters are.", o => ParamRef(o.At("spec", "paramRef"))),
            Age,
        ]),
        ("apiregistration.k8s.io", "APIService",
        [
            Name,
            Text("Service", "Who serves the version.", o => o.Map("spec", "service") is { } s ? $"{s.Text("namespace")}/{s.Text("name")}" : "Local"),
            Text("Available", "Whether the version is available.", Available),
            Age,
        ]),
    ];

    private static TableColumn[] Counted(string heading, string description, string field) => [Name, Number(heading, description, o => o.Items(field).Count), Age];

    private static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? "<unknown>" : text;

    private static string NodeStatus(JsonObject node)
    {
        var ready = node.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Ready").Text("status");
        var status = ready is null ? "Unknown" : ready == "True" ? "Ready" : "NotReady";
        return node.Flag("spec", "unschedulable") == true ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject node)
    {
        const string prefix = "node-role.kubernetes.io/";
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (label, value) in node.Map("metadata", "labels") ?? [])
        {
            var role = label.StartsWith(prefix, StringComparison.Ordinal) ? label[prefix.Length..] : label == "kubernetes.io/role" ? value.Text() : null;
            if (!string.IsNullOrEmpty(role))
            {
                roles.Add(role);
            }
        }

        return roles.Count == 0 ? "<none>" : string.Join(",", roles);
    }

    private static string Address(JsonObject node, string type) =>
        node.Items("status", "addresses").FirstOrDefault(a => a.Text("type") == type).Text("address") ?? "<none>";

    private static string Kernel(JsonObject node)
    {
        var kernel = OrUnknown(node.Text("status", "nodeInfo", "kernelVersion"));
        return node.Text("status", "nodeInfo", "architecture") is { Length: > 0 } architecture ? $"{kernel} ({architecture})" : kernel;
    }

    private static string ParamKind(JsonNode? kind) => kind is null ? "<unset>" : $"{kind.Text("apiVersion")}/{kind.Text("kind")}";

    private static string ParamRef(JsonNode? reference) =>
        reference is null ? "<unset>"
        : reference.Text("name") is { Length: > 0 } name ? (reference.Text("namespace") is { Length: > 0 } ns ? $"{ns}/{name}" : $"*/{name}")
        : Selector(reference.At("selector"));

    private static string Available(JsonObject service)
    {
        var condition = service.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Available");
        var status = condition.Text("status") ?? "Unknown";
        return condition.Text("reason") is { Length: > 0 } reason && status != "True" ? $"{status} ({reason})" : status;
    }
}
