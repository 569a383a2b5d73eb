using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Admission;

/// <summary>The time that every pod has to leave a node that fails: also one that is changed and lost it.</summary>
internal static class DefaultTolerations
{
    private const int Seconds = 300;
    private static readonly string[] Keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    /// <summary>Adds what is missing.</summary>
    public static void Add(JsonObject spec)
    {
        // Both are judged before one is added, as a toleration of everything is both.
        var missing = Keys.Where(key => !spec.Items("tolerations").Any(t => Tolerates(t, key))).ToList();
        foreach (var key in missing)
        {
            if (spec["tolerations"] is not JsonArray tolerations)
            {
                spec["tolerations"] = tolerations = [];
            }

            tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = Seconds });
        }
    }

    private static bool Tolerates(JsonNode? toleration, string key) =>
        toleration.Text("key") is var given && (string.IsNullOrEmpty(given) || given == key) && toleration.Text("effect") is null or "" or "NoExecute";
}
