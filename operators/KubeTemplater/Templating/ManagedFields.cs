using System.Text.Json.Nodes;
using KubeTemplater.Applying;

namespace KubeTemplater.Templating;

/// <summary>How the server lists in <c>metadata.managedFields</c> what a manager has (FieldsV1).</summary>
internal static class ManagedFields
{
    /// <summary>Members of <c>metadata</c> that managers own; the others are nobody's.</summary>
    public static readonly IReadOnlyList<string> OwnedMetadata = ["labels", "annotations", "ownerReferences", "finalizers"];

    /// <summary>What our manager has of an object by applying it; null if nothing.</summary>
    public static JsonObject? Ours(JsonObject live) => (live["metadata"]?["managedFields"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(entry =>
        entry["manager"]?.ToString() == ObjectApplier.FieldManager && entry["operation"]?.ToString() == "Apply" && entry["subresource"] is null);

    /// <summary>The keys by which a member such as <c>k:{"name":"web"}</c> names an item of a list; null for any other member.</summary>
    public static JsonObject? KeysOf(string member) => member.StartsWith("k:", StringComparison.Ordinal) ? JsonNode.Parse(member[2..]) as JsonObject : null;
}
