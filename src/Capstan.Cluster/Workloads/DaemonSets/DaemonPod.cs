using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Scheduling;

namespace Capstan.Cluster.Workloads.DaemonSets;

/// <summary>The pod that a DaemonSet has on a node: which node, and whether it should be there. Pure.</summary>
internal sealed class DaemonPod
{
    public const string HashLabel = "controller-revision-hash";

    private const string GenerationLabel = "pod-template-generation";
    private const string GenerationAnnotation = "deprecated.daemonset.template.generation";

    // A daemon goes to a node and stays there, however it is.
    private static readonly (string Key, string Effect)[] Tolerated =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"), ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"), ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    private readonly JsonObject _template;

    /// <param name="set">Whose pod.</param>
    /// <param name="hash">Of the revision that new pods are of.</param>
    public DaemonPod(DaemonSet set, string hash)
    {
        _template = TemplateText.Fields(set.Spec.Template);
        var labels = Child(Child(_template, "metadata"), "labels");
        if (set.Metadata.Annotations?.GetValueOrDefault(GenerationAnnotation) is { } generation)
        {
            labels[GenerationLabel] = generation;
        }

        labels[HashLabel] = hash;
        Tolerate(Spec);
    }

    private JsonObject Spec => Child(_template, "spec");

    /// <summary>The node that a pod is on or is to go to; null: none in particular.</summary>
    public static string? NodeOf(Pod pod)
    {
        if (!string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            return pod.Spec.NodeName;
        }

        if (pod.Spec.UnknownFields?.GetValueOrDefault("affinity") is not { ValueKind: JsonValueKind.Object } affinity)
        {
            return null;
        }

        var terms = JsonNode.Parse(affinity.GetRawText())?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"] as JsonArray ?? [];
        return (string?)terms.SelectMany(term => term?["matchFields"] as JsonArray ?? []).FirstOrDefault(field => (string?)field?["key"] == "metadata.name")?["values"]?[0];
    }

    /// <summary>Whether a pod is of the newest revision.</summary>
    public static bool IsOf(Pod pod, string hash) => pod.Metadata.Labels?.GetValueOrDefault(HashLabel) == hash;

    /// <summary>Whether the set wants a pod on a node, and whether one that is there may stay.</summary>
    public (bool Runs, bool Stays) Judge(DynamicObject node) =>
        ((string?)Spec["nodeName"] is { Length: > 0 } only && only != node.Key.Name) || !NodeFit.Selects(Spec, node) ? (false, false)
        : NodeFit.Untolerated(Spec, node, "NoSchedule", "NoExecute") is null ? (true, true)
        : (false, NodeFit.Untolerated(Spec, node, "NoExecute") is null);

    /// <summary>What the pod of a node is made of: the scheduler puts it there, and nowhere else.</summary>
    public PodTemplate TemplateFor(string node)
    {
        var template = _template.DeepClone().AsObject();
        var required = Child(Child(Child(Child(template, "spec"), "affinity"), "nodeAffinity"), "requiredDuringSchedulingIgnoredDuringExecution");

        // Terms of the template have been looked at when the node was chosen.
        required["nodeSelectorTerms"] = new JsonArray(new JsonObject
        {
            ["matchFields"] = new JsonArray(new JsonObject { ["key"] = "metadata.name", ["operator"] = "In", ["values"] = new JsonArray((JsonNode)node) }),
        });
        return template.Deserialize(KindsJson.Default.PodTemplate)!;
    }

    private static void Tolerate(JsonObject spec)
    {
        if (spec["tolerations"] is not JsonArray tolerations)
        {
            spec["tolerations"] = tolerations = [];
        }

        var wanted = (bool?)spec["hostNetwork"] == true ? Tolerated.Append(("node.kubernetes.io/network-unavailable", "NoSchedule")) : Tolerated;
        foreach (var (key, effect) in wanted)
        {
            if (!tolerations.Any(one => (string?)one?["key"] == key && (string?)one?["effect"] == effect))
            {
                tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = effect });
            }
        }
    }

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }

        return child;
    }
}
