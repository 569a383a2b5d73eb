using System.Globalization;
using System.Text.Json.Nodes;
using static Capstan.ApiServer.Registry.BuiltIn.Columns.Column;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Tables of what limits, scales, ranks and permits.</summary>
internal static class PolicyColumns
{
    public static readonly (string Group, string Kind, IReadOnlyList<TableColumn> Columns)[] All =
    [
        ("", "ResourceQuota",
        [
            Name,
            Text("Request", "What is used of what may be requested.", o => Quota(o, limits: false)),
            Text("Limit", "What is used of what may be limited.", o => Quota(o, limits: true)),
            Age,
        ]),
        ("policy", "PodDisruptionBudget",
        [
            Name,
            Text("Min Available", "How many pods must stay.", o => IntOrString(o.At("spec", "minAvailable")) ?? "N/A"),
            Text("Max Unavailable", "How many pods may go.", o => IntOrString(o.At("spec", "maxUnavailable")) ?? "N/A"),
            Number("Allowed Disruptions", "How many pods may go now.", o => o.Number("status", "disruptionsAllowed")),
            Age,
        ]),
        ("autoscaling", "HorizontalPodAutoscaler",
        [
            Name,
            Text("Reference", "What is scaled.", o => $"{o.Text("spec", "scaleTargetRef", "kind")}/{o.Text("spec", "scaleTargetRef", "name")}"),
            Text("Targets", "What is measured, and what it should be.", Targets),
            Text("MinPods", "Fewest pods.", o => IntOrString(o.At("spec", "minReplicas")) ?? "<unset>"),
            Number("MaxPods", "Most pods.", o => o.Number("spec", "maxReplicas"), "string"),
            Number("Replicas", "Pods now.", o => o.Number("status", "currentReplicas"), "string"),
            Age,
        ]),
        ("scheduling.k8s.io", "PriorityClass",
        [
            Name,
            Number("Value", "The priority.", o => o.Number("value")),
            Flag("Global-Default", "Whether pods get it that name none.", o => o.Flag("globalDefault")),
            Age,
            Text("PreemptionPolicy", "Whether its pods displace others.", o => o.Text("preemptionPolicy")),
        ]),
        ("node.k8s.io", "RuntimeClass", [Name, Text("Handler", "Configuration of the container runtime.", o => o.Text("handler")), Age]),
        ("rbac.authorization.k8s.io", "RoleBinding", Binding()),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding", Binding()),
        ("certificates.k8s.io", "CertificateSigningRequest",
        [
            Name,
            Age,
            Text("SignerName", "Who is to sign.", o => o.Text("spec", "signerName") ?? "<none>"),
            Text("Requestor", "Who asks.", o => o.Text("spec", "username")),
            Text("RequestedDuration", "How long the certificate is to be valid.", Duration),
            Text("Condition", "Where the request stands.", CertificateCondition),
        ]),
    ];

    private static TableColumn[] Binding() =>
    [
        Name,
        Text("Role", "Role that is granted.", o => $"{o.Text("roleRef", "kind")}/{o.Text("roleRef", "name")}"),
        Age,
        Wide(Text("Users", "Users that get it.", o => Subjects(o, "User"))),
        Wide(Text("Groups", "Groups that get it.", o => Subjects(o, "Group"))),
        Wide(Text("ServiceAccounts", "Service accounts that get it.", o => Subjects(o, "ServiceAccount"))),
    ];

    private static string Subjects(JsonObject binding, string kind) => string.Join(", ", binding.Items("subjects")
        .Where(s => s.Text("kind") == kind)
        .Select(s => kind == "ServiceAccount" && s.Text("namespace") is { Length: > 0 } ns ? $"{ns}/{s.Text("name")}" : s.Text("name")));

    private static string Quota(JsonObject quota, bool limits) => string.Join(", ", (quota.Map("status", "hard") ?? [])
        .Where(h => h.Key.StartsWith("limits.", StringComparison.Ordinal) == limits)
        .OrderBy(h => h.Key, StringComparer.Ordinal)
        .Select(h => $"{h.Key}: {IntOrString(quota.At("status", "used", h.Key)) ?? "0"}/{IntOrString(h.Value)}"));

    private static string Duration(JsonObject request) =>
        request.Number("spec", "expirationSeconds") is { } seconds ? Ages.Words(TimeSpan.FromSeconds(seconds)) : "<none>";

    private static string CertificateCondition(JsonObject request)
    {
        var types = request.Items("status", "conditions").Select(c => c.Text("type")).ToList();
        List<string> words = [];
        words.Add(types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : types.Count == 0 ? "Pending" : "");
        if (types.Contains("Failed"))
        {
            words.Add("Failed");
        }

        if (!string.IsNullOrEmpty(request.Text("status", "certificate")))
        {
            words.Add("Issued");
        }

        return string.Join(",", words.Where(w => w.Length > 0));
    }

    /// <summary>Current and wanted value of the first two metrics.</summary>
    private static string Targets(JsonObject autoscaler)
    {
        var metrics = autoscaler.Items("spec", "metrics");
        if (metrics.Count == 0)
        {
            // autoscaling/v1 knows one metric, in a field of its own.
            return autoscaler.Number("spec", "targetCPUUtilizationPercentage") is { } target
                ? string.Create(CultureInfo.InvariantCulture, $"cpu: {Percent(autoscaler.Number("status", "currentCPUUtilizationPercentage"), "<unknown>")}/{target}%")
                : "<none>";
        }

        var current = autoscaler.Items("status", "currentMetrics");
        var shown = metrics.Select((metric, i) => Target(metric, i < current.Count ? current[i] : null)).Take(2);
        var more = metrics.Count > 2 ? string.Create(CultureInfo.InvariantCulture, $" + {metrics.Count - 2} more...") : "";
        return string.Join(", ", shown) + more;
    }

    private static string Target(JsonNode? metric, JsonNode? status)
    {
        var source = metric.Text("type") switch
        {
            "External" => "external",
            "Pods" => "pods",
            "Object" => "object",
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            _ => null,
        };
        if (source is null)
        {
            return "<unknown type>";
        }

        var target = metric.At(source, "target");
        var now = status.At(source, "current");
        var average = IntOrString(target.At("averageValue"));
        if (source is "resource" or "containerResource")
        {
            return metric.Text(source, "name") + ": " + (average is not null
                ? $"{IntOrString(now.At("averageValue")) ?? "<unknown>"}/{average}"
                : $"{Percent(now.Number("averageUtilization"), "<unknown>")}/{Percent(target.Number("averageUtilization"), "<auto>")}");
        }

        return average is null ? $"{IntOrString(now.At("value")) ?? "<unknown>"}/{IntOrString(target.At("value"))}"
            : $"{IntOrString(now.At("averageValue")) ?? "<unknown>"}/{average}{(source == "pods" ? "" : " (avg)")}";
    }

    private static string Percent(long? value, string absent) => value is { } v ? string.Create(CultureInfo.InvariantCulture, $"{v}%") : absent;
}
