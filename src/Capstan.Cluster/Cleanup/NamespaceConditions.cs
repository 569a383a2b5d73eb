using System.Text.Json.Nodes;

namespace Capstan.Cluster.Cleanup;

/// <summary>The conditions of a namespace that is being emptied, in Kubernetes' order and words.</summary>
internal static class NamespaceConditions
{
    private static readonly Kind[] Kinds =
    [
        new("NamespaceDeletionDiscoveryFailure", content => content.DiscoveryFailure, "DiscoveryFailed", "ResourcesDiscovered", "All resources successfully discovered"),

        // Names that cannot be parsed do not come out of our discovery.
        new("NamespaceDeletionGroupVersionParsingFailure", _ => null, "GroupVersionParsingFailed", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
        new("NamespaceDeletionContentFailure", content => content.Failures, "ContentDeletionFailed", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        new("NamespaceContentRemaining", content => content.Objects, "SomeResourcesRemain", "ContentRemoved", "All content successfully removed"),
        new("NamespaceFinalizersRemaining", content => content.Finalizers, "SomeFinalizersRemain", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
    ];

    /// <summary>What <paramref name="known"/> becomes by <paramref name="content"/>: others' conditions stay, and times of ours move with their status alone.</summary>
    public static JsonArray After(JsonArray known, NamespaceContent content, DateTimeOffset now)
    {
        var conditions = known.DeepClone().AsArray();
        foreach (var kind in Kinds)
        {
            var trouble = kind.Trouble(content);
            var status = trouble is null ? "False" : "True";
            var found = conditions.OfType<JsonObject>().FirstOrDefault(condition => (string?)condition["type"] == kind.Type);
            if (found is null)
            {
                found = new JsonObject { ["type"] = kind.Type };
                conditions.Add((JsonNode)found);
            }

            if ((string?)found["status"] != status)
            {
                found["status"] = status;
                found["lastTransitionTime"] = KubeTime.Format(now);
            }

            found["reason"] = trouble is null ? kind.WellReason : kind.TroubleReason;
            found["message"] = trouble ?? kind.WellMessage;
        }

        return conditions;
    }

    private sealed record Kind(string Type, Func<NamespaceContent, string?> Trouble, string TroubleReason, string WellReason, string WellMessage);
}
