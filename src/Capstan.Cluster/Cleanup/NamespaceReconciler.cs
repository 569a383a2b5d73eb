using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Cleanup;

/// <summary>Empties a namespace that is being deleted, then lets it go.</summary>
/// <remarks>
/// Flow: 1. pods, and nothing else until they are gone (what they use must outlive them); 2. every other kind that the server serves in
/// namespaces; 3. what finalizers still hold is reported and waited for; 4. our entry of <c>spec.finalizers</c> goes, and with the last entry the server removes the namespace.
/// No new object can come meanwhile: the server refuses to create in a terminating namespace.
/// </remarks>
internal sealed class NamespaceReconciler(KubeClient client) : Reconciler
{
    internal static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);

    /// <summary>The entry of <c>spec.finalizers</c> that is ours to remove; others belong to others.</summary>
    private const string Finalizer = "kubernetes";

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        DynamicObject found;
        try
        {
            found = await client.GetAsync(Namespaces, key, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return ReconcileResult.Done;
        }

        if (found.DeletionTimestamp is not { } since || !FinalizersOf(found.ToJson()).Contains(Finalizer))
        {
            return ReconcileResult.Done;
        }

        var content = await EmptyAsync(key.Name, cancellationToken);
        if (content.IsEmpty)
        {
            await FinalizeAsync(found, cancellationToken);
            return ReconcileResult.Done;
        }

        await ReportAsync(found, content, cancellationToken);
        return ReconcileResult.After(NextLook(client.Options.TimeProvider.GetUtcNow() - since));
    }

    /// <summary>Nobody tells us that a finalizer is gone: the longer it has held, the less often we look.</summary>
    internal static TimeSpan NextLook(TimeSpan terminating) =>
        TimeSpan.FromSeconds(Math.Clamp(terminating.TotalSeconds / 4, 0.1, 10));

    private async Task<NamespaceContent> EmptyAsync(string @namespace, CancellationToken cancellationToken)
    {
        // A kind in two versions is one store: emptied once. Pods first.
        client.Discovery.Forget();
        var types = (await client.Discovery.ListAsync(cancellationToken))
            .Where(type => type.Namespaced)
            .DistinctBy(type => type.GroupResource)
            .GroupBy(type => type.GroupResource != new GroupResource("", "pods"))
            .OrderBy(others => others.Key);
        var content = new NamespaceContent();
        foreach (var wave in types)
        {
            foreach (var type in wave)
            {
                await EmptyAsync(type, @namespace, content, cancellationToken);
            }

            if (!content.IsEmpty)
            {
                break;
            }
        }

        return content;
    }

    private async Task EmptyAsync(ResourceType type, string @namespace, NamespaceContent content, CancellationToken cancellationToken)
    {
        var selection = new ListOptions { Namespace = @namespace };
        try
        {
            if ((await client.ListAsync(type, selection, cancellationToken)).Items.Count == 0)
            {
                return;
            }

            await client.DeleteCollectionAsync(type, selection, new DeleteOptions { PropagationPolicy = "Background" }, cancellationToken);
            foreach (var left in (await client.ListAsync(type, selection, cancellationToken)).Items)
            {
                content.Add(type.GroupResource, left);
            }
        }
        catch (ApiException error) when (error.IsNotFound || error.Code == 405)
        {
            // Kinds that are only asked, never stored (access reviews), and those whose definition went away just now.
        }
    }

    private async Task ReportAsync(DynamicObject found, NamespaceContent content, CancellationToken cancellationToken)
    {
        var now = KubeTime.Format(client.Options.TimeProvider.GetUtcNow());
        var known = found.ToJson()["status"]?["conditions"] as JsonArray ?? [];
        var conditions = new JsonArray(
            Condition("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"),
            Condition("NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
            Condition("NamespaceContentRemaining", "True", "SomeResourcesRemain", content.Objects),
            content.Finalizers is { } held
                ? Condition("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", held)
                : Condition("NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"));
        if (JsonNode.DeepEquals(known, conditions))
        {
            return;
        }

        var patch = new JsonObject { ["status"] = new JsonObject { ["conditions"] = conditions } };
        await client.PatchAsync(
            Namespaces, found.Key, PatchType.Merge, Encoding.UTF8.GetBytes(patch.ToJsonString()),
            new PatchOptions { Subresource = "status", FieldManager = NamespaceController.Name }, cancellationToken);

        JsonObject Condition(string type, string status, string reason, string message)
        {
            var before = known.FirstOrDefault(condition => (string?)condition?["type"] == type && (string?)condition["status"] == status);
            return new JsonObject
            {
                ["lastTransitionTime"] = (string?)before?["lastTransitionTime"] ?? now,
                ["message"] = message,
                ["reason"] = reason,
                ["status"] = status,
                ["type"] = type,
            };
        }
    }

    private async Task FinalizeAsync(DynamicObject found, CancellationToken cancellationToken)
    {
        var json = found.ToJson();
        json["spec"]!["finalizers"] = new JsonArray([.. FinalizersOf(json).Where(name => name != Finalizer).Select(name => (JsonNode)name)]);
        try
        {
            await client.UpdateAsync(Namespaces, DynamicObject.From(json), new WriteOptions { Subresource = "finalize" }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // Somebody else let it go.
        }
    }

    private static IEnumerable<string> FinalizersOf(JsonObject json) =>
        (json["spec"]?["finalizers"] as JsonArray ?? []).Select(name => (string?)name ?? "");
}
