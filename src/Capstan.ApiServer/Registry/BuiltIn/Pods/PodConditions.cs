using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Conditions in the status of a pod, as the server itself writes them.</summary>
internal static class PodConditions
{
    /// <summary>Sets a condition; its time stays where its status does.</summary>
    public static void Set(JsonObject pod, string type, string status, string? time, string? reason = null, string? message = null)
    {
        var state = pod.GetOrAddMap("status")!;
        if (state["conditions"] is not JsonArray conditions)
        {
            state["conditions"] = conditions = [];
        }

        var at = conditions.ToList().FindIndex(c => c.Text("type") == type);
        var before = at < 0 ? null : conditions[at];
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = before.Text("status") == status ? before.Text("lastTransitionTime") : time,
        };
        if (reason is not null)
        {
            condition["reason"] = reason;
        }

        if (message is not null)
        {
            condition["message"] = message;
        }

        if (at < 0)
        {
            conditions.Add((JsonNode)condition);
        }
        else
        {
            conditions[at] = condition;
        }
    }

    /// <summary>Who writes a status without saying of which generation it is does not take back what others said.</summary>
    public static void KeepGenerations(JsonObject pod, JsonObject old)
    {
        if (pod.Map("status") is not { } status)
        {
            return;
        }

        Keep(status, old.At("status"), "observedGeneration");
        status.SetDefault("qosClass", old.Text("status", "qosClass") ?? "");
        var before = old.Items("status", "conditions").ToLookup(c => c.Text("type") ?? "").ToDictionary(g => g.Key, g => new Queue<JsonNode?>(g));
        foreach (var condition in status.Items("conditions").OfType<JsonObject>())
        {
            if (before.GetValueOrDefault(condition.Text("type") ?? "") is { Count: > 0 } same)
            {
                Keep(condition, same.Dequeue(), "observedGeneration");
            }
        }
    }

    private static void Keep(JsonObject obj, JsonNode? old, string field)
    {
        if (obj.Number(field) is null or 0 && old.At(field) is { } value)
        {
            obj[field] = value.DeepClone();
        }
    }
}
