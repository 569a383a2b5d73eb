using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>A new node takes no pods until somebody has seen that it is ready.</summary>
internal static class NodeAdmission
{
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Effect = "NoSchedule";

    /// <summary>Adds the taint that says so.</summary>
    public static void Taint(JsonObject node)
    {
        if (node.GetOrAddMap("spec") is not { } spec || spec.Items("taints").Any(t => t.Text("key") == NotReady && t.Text("effect") == Effect))
        {
            return;
        }

        if (spec["taints"] is not JsonArray taints)
        {
            spec["taints"] = taints = [];
        }

        taints.Add((JsonNode)new JsonObject { ["key"] = NotReady, ["effect"] = Effect });
    }
}
