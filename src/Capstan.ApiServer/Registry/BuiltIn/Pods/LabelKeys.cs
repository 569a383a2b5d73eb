using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Keys whose values a new pod's own labels give are written into the selectors that they stand beside.</summary>
internal static class LabelKeys
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Extends all selectors of a pod.</summary>
    public static void Apply(JsonObject pod)
    {
        var labels = pod.Map("metadata", "labels");
        foreach (var side in (string[])["podAffinity", "podAntiAffinity"])
        {
            var affinity = pod.Map("spec", "affinity", side);
            foreach (var term in affinity.Items(Preferred).Select(t => t.Map("podAffinityTerm")).Concat(affinity.Items(Required).Select(t => t as JsonObject)))
            {
                Extend(term, "matchLabelKeys", "In", labels);
                Extend(term, "mismatchLabelKeys", "NotIn", labels);
            }
        }

        foreach (var constraint in pod.Items("spec", "topologySpreadConstraints"))
        {
            Extend(constraint as JsonObject, "matchLabelKeys", "In", labels);
        }
    }

    private static void Extend(JsonObject? term, string field, string op, JsonObject? labels)
    {
        if (term.Map("labelSelector") is not { } selector)
        {
            return;
        }

        foreach (var key in term.Items(field).Select(k => k.Text()).OfType<string>())
        {
            if (labels.Text(key) is not { } value)
            {
                continue;
            }

            if (selector["matchExpressions"] is not JsonArray expressions)
            {
                selector["matchExpressions"] = expressions = [];
            }

            expressions.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = op, ["values"] = new JsonArray(value) });
        }
    }
}
