using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Labels of nodes whose names changed.</summary>
internal static class DeprecatedNodeLabels
{
    private static readonly Dictionary<string, string> Messages = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["app.kubernetes.io/created-by"] = "deprecated since v1.9",
        ["scheduler.alpha.kubernetes.io/preferAvoidPods"] = "deprecated since v1.22; use Taints and Tolerations instead",
        ["node-role.kubernetes.io/master"] = "use \"node-role.kubernetes.io/control-plane\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    };

    private static readonly Dictionary<string, string> Successors = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "kubernetes.io/arch",
        ["beta.kubernetes.io/os"] = "kubernetes.io/os",
        ["failure-domain.beta.kubernetes.io/region"] = "topology.kubernetes.io/region",
        ["failure-domain.beta.kubernetes.io/zone"] = "topology.kubernetes.io/zone",
        ["beta.kubernetes.io/instance-type"] = "node.kubernetes.io/instance-type",
    };

    /// <summary>A node affinity with the newer names of labels.</summary>
    public static JsonNode? Renewed(JsonNode? affinity)
    {
        var renewed = affinity?.DeepClone();
        foreach (var expression in renewed.Items("required", "nodeSelectorTerms").SelectMany(t => t.Items("matchExpressions")).OfType<JsonObject>())
        {
            if (Successors.TryGetValue(expression.Text("key") ?? "", out var successor))
            {
                expression["key"] = successor;
            }
        }

        return renewed;
    }

    /// <summary>What is told of a label; null when it is not deprecated.</summary>
    public static string? Of(string key) => Messages.GetValueOrDefault(key);
}
