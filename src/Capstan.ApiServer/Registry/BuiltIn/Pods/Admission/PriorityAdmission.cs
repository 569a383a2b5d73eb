using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>Gives pods the priority of their class, or of the default one.</summary>
internal sealed class PriorityAdmission(ClusterState cluster)
{
    private static readonly GroupResource Classes = new("scheduling.k8s.io", "priorityclasses");

    /// <summary>The class that counts for pods without one; null when there is none. Of several it is the lowest.</summary>
    public static JsonObject? DefaultClass(ClusterState cluster) =>
        cluster.List(Classes, "").Where(c => c.Flag("globalDefault") == true).MinBy(c => c.Number("value") ?? 0);

    /// <summary>Writes the class's priority into a new pod; a changed one keeps its own.</summary>
    /// <exception cref="ApiError">403: no such class, or another priority than its.</exception>
    public void Admit(WriteRequest request, JsonObject pod, JsonObject? old)
    {
        var spec = pod.Map("spec")!;
        if (old is not null)
        {
            foreach (var field in (ReadOnlySpan<string>)["priority", "preemptionPolicy"])
            {
                if (old.At("spec", field) is { } kept)
                {
                    spec.SetDefault(field, kept.DeepClone());
                }
            }

            return;
        }

        var name = spec.Text("priorityClassName") ?? "";
        var chosen = name.Length > 0
            ? cluster.Find(Classes, "", name) ?? throw request.Refused(pod, $"no PriorityClass with name {name} was found")
            : DefaultClass(cluster);
        if (name.Length == 0 && chosen is not null)
        {
            spec["priorityClassName"] = chosen.Text("metadata", "name");
        }

        var priority = chosen.Number("value") ?? 0;
        if (spec.Number("priority") is { } given && given != priority)
        {
            throw request.Refused(pod, $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        }

        spec["priority"] = priority;
        var policy = chosen is null ? "PreemptLowerPriority" : chosen.Text("preemptionPolicy");
        if (policy is null)
        {
            return;
        }

        if (spec.Text("preemptionPolicy") is { } wanted && wanted != policy)
        {
            throw request.Refused(pod, $"the string value of PreemptionPolicy ({wanted}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        }

        spec["preemptionPolicy"] = policy;
    }
}
