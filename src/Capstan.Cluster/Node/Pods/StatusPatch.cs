using System.Text.Json.Nodes;

namespace Capstan.Cluster.Node.Pods;

/// <summary>The strategic merge patch from one status of a pod to another.</summary>
/// <remarks>Pure. Conditions that the second does not have are others' and stay; whatever else only the first has and a kubelet writes goes.</remarks>
internal static class StatusPatch
{
    private static readonly string[] Own =
        ["observedGeneration", "phase", "reason", "message", "startTime", "hostIP", "hostIPs", "podIP", "podIPs", "initContainerStatuses", "containerStatuses"];

    private static readonly string[] OfCondition = ["reason", "message", "observedGeneration"];

    /// <summary>Null when nothing is different.</summary>
    public static JsonObject? Of(JsonObject before, JsonObject wanted)
    {
        var patch = new JsonObject();
        foreach (var field in Own)
        {
            if (!JsonNode.DeepEquals(before[field], wanted[field]))
            {
                patch[field] = field is "hostIPs" or "podIPs" ? Replaced(before[field], wanted[field]) : wanted[field]?.DeepClone();
            }
        }

        var conditions = new List<JsonNode>();
        foreach (var condition in wanted["conditions"] as JsonArray ?? [])
        {
            var old = (before["conditions"] as JsonArray ?? []).FirstOrDefault(other => (string?)other?["type"] == (string?)condition?["type"]);
            if (old is null || !JsonNode.DeepEquals(old, condition))
            {
                conditions.Add(Whole(condition!.AsObject(), old as JsonObject));
            }
        }

        if (conditions.Count > 0)
        {
            patch["conditions"] = new JsonArray([.. conditions]);
        }

        return patch.Count == 0 ? null : patch;
    }

    /// <summary>The list's items have their own merge key: one that changed would else be added.</summary>
    private static JsonNode? Replaced(JsonNode? before, JsonNode? wanted)
    {
        if (wanted?.DeepClone() is not JsonArray list || before is null)
        {
            return wanted?.DeepClone();
        }

        list.Insert(0, new JsonObject { ["$patch"] = "replace" });
        return list;
    }

    /// <summary>With nulls for what it had and has no more.</summary>
    private static JsonObject Whole(JsonObject condition, JsonObject? old)
    {
        var whole = condition.DeepClone().AsObject();
        foreach (var field in OfCondition.Where(field => condition[field] is null && old?[field] is not null))
        {
            whole[field] = null;
        }

        return whole;
    }
}
