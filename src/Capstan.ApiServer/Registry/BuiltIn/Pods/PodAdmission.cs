using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What Kubernetes' own admission adds to each new pod: a priority, time to leave a failing node, and a service account.</summary>
internal static class PodAdmission
{
    /// <summary>Adds what is absent.</summary>
    public static void Apply(JsonObject pod)
    {
        if (pod.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("serviceAccountName", "default");
        spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        if (string.IsNullOrEmpty(spec.Text("priorityClassName")))
        {
            spec.SetDefault("priority", 0);
            spec.SetDefault("preemptionPolicy", "PreemptLowerPriority");
        }

        AddTolerations(spec);
    }

    /// <summary>Adds the tolerations that every pod has, also to one that is changed and lost them.</summary>
    public static void AddTolerations(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        foreach (var key in (ReadOnlySpan<string>)["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            if (spec["tolerations"] is not JsonArray tolerations)
            {
                spec["tolerations"] = tolerations = [];
            }

            if (!tolerations.Any(t => Tolerates(t, key)))
            {
                tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }
    }

    private static bool Tolerates(JsonNode? toleration, string key) =>
        toleration.Text("key") is var given && (string.IsNullOrEmpty(given) || given == key) && toleration.Text("effect") is null or "" or "NoExecute";
}
