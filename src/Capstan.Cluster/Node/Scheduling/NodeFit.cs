using System.Text.Json.Nodes;
using Capstan.Selectors;

namespace Capstan.Cluster.Node.Scheduling;

/// <summary>Whether a pod may be on the one node there is. Room is not counted: a laptop runs what it is asked to.</summary>
/// <remarks>Pure. What pods want of each other (podAffinity, topology spread) is not looked at: there is no second node to choose.</remarks>
internal static class NodeFit
{
    private static readonly Dictionary<string, LabelOperator> Operators = new()
    {
        ["In"] = LabelOperator.In, ["NotIn"] = LabelOperator.NotIn, ["Exists"] = LabelOperator.Exists, ["DoesNotExist"] = LabelOperator.DoesNotExist,
        ["Gt"] = LabelOperator.GreaterThan, ["Lt"] = LabelOperator.LessThan,
    };

    /// <summary>Why the pod may not be there, in the words of Kubernetes' scheduler; null if it may.</summary>
    public static string? Fault(JsonObject podSpec, DynamicObject node)
    {
        var spec = node.ToJson()["spec"];
        if ((bool?)spec?["unschedulable"] == true && !Tolerates(podSpec, "node.kubernetes.io/unschedulable", "", "NoSchedule"))
        {
            return "1 node(s) were unschedulable";
        }

        return Untolerated(podSpec, node, "NoSchedule", "NoExecute") is (var key, var value) ? $"1 node(s) had untolerated taint(s) {{{key}: {value}}}"
            : Selects(podSpec, node) ? null : "1 node(s) didn't match Pod's node affinity/selector";
    }

    /// <summary>The first taint of these effects that a pod does not tolerate; null if there is none.</summary>
    public static (string Key, string Value)? Untolerated(JsonObject podSpec, DynamicObject node, params ReadOnlySpan<string> effects)
    {
        foreach (var taint in node.ToJson()["spec"]?["taints"] as JsonArray ?? [])
        {
            var (key, value, effect) = ((string?)taint?["key"] ?? "", (string?)taint?["value"] ?? "", (string?)taint?["effect"] ?? "");
            if (effects.Contains(effect) && !Tolerates(podSpec, key, value, effect))
            {
                return (key, value);
            }
        }

        return null;
    }

    /// <summary>Whether a pod's selector and the affinity that it requires let it be on a node.</summary>
    public static bool Selects(JsonObject podSpec, DynamicObject node)
    {
        foreach (var (key, value) in podSpec["nodeSelector"] as JsonObject ?? [])
        {
            if (!node.Labels.TryGetValue(key, out var has) || has != (string?)value)
            {
                return false;
            }
        }

        return podSpec["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"] is not JsonArray terms
            || terms.Any(term => Matches(term as JsonObject, node));
    }

    /// <summary>All requirements of a term hold; one without any matches nothing.</summary>
    private static bool Matches(JsonObject? term, DynamicObject node)
    {
        var labels = term?["matchExpressions"] as JsonArray ?? [];
        var fields = term?["matchFields"] as JsonArray ?? [];
        return labels.Count + fields.Count > 0
            && labels.All(requirement => Holds(requirement, node.Labels))
            && fields.All(requirement => Holds(requirement, new Dictionary<string, string> { ["metadata.name"] = node.Key.Name }));
    }

    private static bool Holds(JsonNode? requirement, IReadOnlyDictionary<string, string> values)
    {
        try
        {
            return Operators.TryGetValue((string?)requirement?["operator"] ?? "", out var @operator)
                && new LabelRequirement((string?)requirement?["key"] ?? "", @operator, (requirement?["values"] as JsonArray ?? []).Select(value => (string?)value ?? "")).Matches(values);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool Tolerates(JsonObject podSpec, string key, string value, string effect) =>
        (podSpec["tolerations"] as JsonArray ?? []).Any(toleration =>
            (string?)toleration?["effect"] is null or "" || (string?)toleration?["effect"] == effect
                ? ((string?)toleration?["key"] ?? "", (string?)toleration?["operator"] ?? "Equal") switch
                {
                    ("", "Exists") => true,
                    (var wanted, "Exists") => wanted == key,
                    (var wanted, _) => wanted == key && ((string?)toleration?["value"] ?? "") == value,
                }
                : false);
}
