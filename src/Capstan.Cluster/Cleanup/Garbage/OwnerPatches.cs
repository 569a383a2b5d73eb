using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Cleanup.Garbage;

/// <summary>What the collector changes in objects that stay. Each change holds only for the version that was looked at: a conflict has it looked at again.</summary>
internal static class OwnerPatches
{
    /// <summary>Takes owners out of an object.</summary>
    public static Task<DynamicObject> DropOwnersAsync(
        KubeClient client, ResourceType type, DynamicObject live, IReadOnlyCollection<string> uids, CancellationToken cancellationToken)
    {
        var kept = Owners(live).Where(owner => !uids.Contains((string?)owner["uid"] ?? "")).ToArray<JsonNode?>();
        return PatchAsync(client, type, live, "ownerReferences", kept, cancellationToken);
    }

    /// <summary>Has the foreground deletion of no owner wait for the object.</summary>
    public static Task<DynamicObject> UnblockOwnersAsync(KubeClient client, ResourceType type, DynamicObject live, CancellationToken cancellationToken)
    {
        var owners = Owners(live).ToArray();
        foreach (var owner in owners.Where(owner => owner.ContainsKey("blockOwnerDeletion")))
        {
            owner["blockOwnerDeletion"] = false;
        }

        return PatchAsync(client, type, live, "ownerReferences", owners, cancellationToken);
    }

    /// <summary>Takes a finalizer away.</summary>
    public static Task<DynamicObject> DropFinalizerAsync(KubeClient client, ResourceType type, DynamicObject live, string finalizer, CancellationToken cancellationToken) =>
        PatchAsync(client, type, live, "finalizers", [.. live.Finalizers.Where(name => name != finalizer).Select(name => (JsonNode?)name)], cancellationToken);

    private static IEnumerable<JsonObject> Owners(DynamicObject live) =>
        (live.ToJson()["metadata"]?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>().Select(owner => owner.DeepClone().AsObject());

    private static Task<DynamicObject> PatchAsync(
        KubeClient client, ResourceType type, DynamicObject live, string field, JsonNode?[] values, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject
        {
            ["uid"] = live.Uid,
            ["resourceVersion"] = live.ResourceVersion,
            [field] = values.Length == 0 ? null : new JsonArray(values),
        };
        var patch = new JsonObject { ["metadata"] = metadata };
        return client.PatchAsync(
            type, live.Key, PatchType.Merge, Encoding.UTF8.GetBytes(patch.ToJsonString()), new PatchOptions { FieldManager = NamespaceController.Manager }, cancellationToken);
    }
}
