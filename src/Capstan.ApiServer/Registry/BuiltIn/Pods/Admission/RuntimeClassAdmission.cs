using System.Text.Json.Nodes;
using Capstan.ApiServer.Http;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>Gives pods what their runtime class says: what it costs beside them, and where it runs.</summary>
internal sealed class RuntimeClassAdmission(ClusterState cluster)
{
    private static readonly GroupResource Classes = new("node.k8s.io", "runtimeclasses");

    /// <summary>Adds overhead, node selector and tolerations of the class.</summary>
    /// <exception cref="ApiError">403: no such class, or the pod says otherwise.</exception>
    public void Admit(WriteRequest request, JsonObject pod)
    {
        if (Find(request, pod) is not { } runtime)
        {
            return;
        }

        var spec = pod.Map("spec")!;
        if (runtime.Map("overhead") is { } overhead)
        {
            var costs = overhead.Map("podFixed");
            if (spec.Map("overhead") is { Count: > 0 } given && !Same(given, costs))
            {
                throw request.Refused(pod, Differs);
            }

            if (costs is { Count: > 0 })
            {
                spec["overhead"] = costs.DeepClone();
            }
        }

        if (runtime.Map("scheduling") is { } scheduling)
        {
            SetScheduling(request, pod, spec, scheduling);
        }
    }

    /// <summary>Refuses a pod whose overhead is not that of its class.</summary>
    /// <exception cref="ApiError">403: so it is.</exception>
    public void Check(WriteRequest request, JsonObject pod)
    {
        var overhead = Find(request, pod).Map("overhead");
        if (overhead is not null && !Same(overhead.Map("podFixed"), pod.Map("spec", "overhead")))
        {
            throw request.Refused(pod, Differs);
        }

        if (overhead is null && pod.Map("spec", "overhead") is not null)
        {
            throw request.Refused(pod, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private const string Differs = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

    private static void SetScheduling(WriteRequest request, JsonObject pod, JsonObject spec, JsonObject scheduling)
    {
        foreach (var (key, value) in scheduling.Map("nodeSelector") ?? [])
        {
            var selector = spec.GetOrAddMap("nodeSelector")!;
            if (selector.ContainsKey(key) && selector.Text(key) != value.Text())
            {
                throw request.Refused(pod,
                    $"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value.Text()}; pod.spec.nodeSelector[{key}] = {selector.Text(key)}");
            }

            selector[key] = value?.DeepClone();
        }

        var merged = MergedTolerations([.. spec.Items("tolerations"), .. scheduling.Items("tolerations")]);
        if (merged.Count > 0)
        {
            spec["tolerations"] = new JsonArray([.. merged.Select(t => t?.DeepClone())]);
        }
    }

    private JsonObject? Find(WriteRequest request, JsonObject pod) =>
        pod.Text("spec", "runtimeClassName") is not { } name ? null
            : cluster.Find(Classes, "", name) ?? throw request.Refused(pod, $"pod rejected: RuntimeClass {GoFormat.Quote(name)} not found");

    private static bool Same(JsonObject? left, JsonObject? right) =>
        (left?.Count ?? 0) == (right?.Count ?? 0)
        && (left ?? []).All(l => right?.ContainsKey(l.Key) == true && ResourceLists.Of(l.Value) is { } amount && ResourceLists.Of(right[l.Key]) == amount);

    /// <summary>Keeps of two tolerations of which one covers the other the one that covers; of two equal ones the first.</summary>
    private static List<JsonNode?> MergedTolerations(List<JsonNode?> all)
    {
        List<JsonNode?> merged = [];
        for (var i = 0; i < all.Count; i++)
        {
            var one = all[i];
            if (!merged.Any(m => Covers(m, one)) && !all.Skip(i + 1).Any(other => !JsonNode.DeepEquals(one, other) && Covers(other, one)))
            {
                merged.Add(one);
            }
        }

        return merged;
    }

    private static bool Covers(JsonNode? wide, JsonNode? narrow)
    {
        if (JsonNode.DeepEquals(wide, narrow))
        {
            return true;
        }

        static string Of(JsonNode? toleration, string field) => toleration.Text(field) ?? "";
        var everyKey = Of(wide, "key").Length == 0 && Of(wide, "operator") == "Exists";
        if ((Of(wide, "key") != Of(narrow, "key") && !everyKey) || (Of(wide, "effect").Length > 0 && Of(wide, "effect") != Of(narrow, "effect")))
        {
            return false;
        }

        if (Of(wide, "effect") == "NoExecute" && wide.Number("tolerationSeconds") is { } longest && (narrow.Number("tolerationSeconds") is not { } seconds || seconds > longest))
        {
            return false;
        }

        return Of(wide, "operator") switch
        {
            "Equal" or "" => Of(narrow, "operator") == "Equal" && Of(narrow, "value") == Of(wide, "value"),
            "Exists" => true,
            _ => false,
        };
    }
}
