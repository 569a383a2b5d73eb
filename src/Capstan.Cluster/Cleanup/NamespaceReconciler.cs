using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Cleanup;

/// <summary>Empties a namespace that is being deleted, then lets it go.</summary>
/// <remarks>
/// Flow: 1. pods, and nothing else until they are gone (what they use must outlive them); 2. every other kind that the server serves in
/// namespaces; 3. what is left, and why, is told in the conditions; 4. when nothing is left our entry of <c>spec.finalizers</c> goes, and with the
/// last entry the server removes the namespace. No new object can come meanwhile: the server refuses to create in a terminating namespace.
/// </remarks>
internal sealed class NamespaceReconciler(KubeClient client) : Reconciler
{
    internal static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);

    /// <summary>The entry of <c>spec.finalizers</c> that is ours to remove; others belong to others.</summary>
    private const string Finalizer = "kubernetes";

    private static readonly string[] Verbs = ["delete", "list"];

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.GetAsync(Namespaces, key, cancellationToken);
            if (found.DeletionTimestamp is not { } since || !FinalizersOf(found.ToJson()).Contains(Finalizer))
            {
                return ReconcileResult.Done;
            }

            var content = await EmptyAsync(key.Name, since, cancellationToken);
            found = await ReportAsync(found, content, cancellationToken);
            if (content.IsEmpty)
            {
                await FinalizeAsync(found, cancellationToken);
                return ReconcileResult.Done;
            }

            return ReconcileResult.After(NextLook(client.Options.TimeProvider.GetUtcNow() - since));
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // Gone.
            return ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict)
        {
            // Changed meanwhile.
            return ReconcileResult.Requeue;
        }
    }

    /// <summary>Nobody tells us that a finalizer is gone: the longer it has held, the less often we look.</summary>
    internal static TimeSpan NextLook(TimeSpan terminating) =>
        TimeSpan.FromSeconds(Math.Clamp(terminating.TotalSeconds / 4, 0.1, 10));

    private async Task<NamespaceContent> EmptyAsync(string @namespace, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var content = new NamespaceContent();
        client.Discovery.Forget();
        IReadOnlyCollection<ResourceType> served;
        try
        {
            served = await client.Discovery.ListAsync(Verbs, cancellationToken);
        }
        catch (ApiException error)
        {
            content.DiscoveryFailure = error.Status.Message ?? error.Message;
            return content;
        }

        foreach (var type in served.Where(type => type.Namespaced).OrderBy(type => type.GroupResource != new GroupResource("", "pods")))
        {
            if (content.HasPods)
            {
                break;
            }

            try
            {
                await EmptyAsync(type, @namespace, since, content, cancellationToken);
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                // Its definition went away just now.
            }
            catch (ApiException error)
            {
                // One kind that cannot be emptied must not keep the others.
                content.Fail(error.Status.Message ?? error.Message);
            }
        }

        return content;
    }

    private async Task EmptyAsync(ResourceType type, string @namespace, DateTimeOffset since, NamespaceContent content, CancellationToken cancellationToken)
    {
        var selection = new ListOptions { Namespace = @namespace, MetadataOnly = true };
        if ((await client.ListAsync(type, selection, cancellationToken)).Items.Count == 0)
        {
            return;
        }

        await client.DeleteCollectionAsync(type, selection, new DeleteOptions { PropagationPolicy = "Background" }, cancellationToken);
        var left = (await client.ListAsync(type, selection, cancellationToken)).Items;
        content.Add(type.GroupResource, left);

        // What no finalizer holds must have gone, or be on its way within its time.
        var now = client.Options.TimeProvider.GetUtcNow();
        if (left.Count > 0 && !left.Any(found => found.Finalizers.Count > 0 || (found.DeletionTimestamp is { } end && end > since && end > now)))
        {
            content.Fail($"unexpected items still remain in namespace: {@namespace} for gvr: {type.Group}/{type.Version}, Resource={type.Plural}");
        }
    }

    private async Task<DynamicObject> ReportAsync(DynamicObject found, NamespaceContent content, CancellationToken cancellationToken)
    {
        var known = found.ToJson()["status"]?["conditions"] as JsonArray ?? [];
        var conditions = NamespaceConditions.After(known, content, client.Options.TimeProvider.GetUtcNow());
        if (JsonNode.DeepEquals(known, conditions))
        {
            return found;
        }

        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = found.ResourceVersion },
            ["status"] = new JsonObject { ["conditions"] = conditions },
        };
        return await client.PatchAsync(
            Namespaces, found.Key, PatchType.Merge, Encoding.UTF8.GetBytes(patch.ToJsonString()),
            new PatchOptions { Subresource = "status", FieldManager = NamespaceController.Manager }, cancellationToken);
    }

    private Task FinalizeAsync(DynamicObject found, CancellationToken cancellationToken)
    {
        var json = found.ToJson();
        json["spec"]!["finalizers"] = new JsonArray([.. FinalizersOf(json).Where(name => name != Finalizer).Select(name => (JsonNode)name)]);
        return client.UpdateAsync(
            Namespaces, DynamicObject.From(json), new WriteOptions { Subresource = "finalize", FieldManager = NamespaceController.Manager }, cancellationToken);
    }

    private static IEnumerable<string> FinalizersOf(JsonObject json) =>
        (json["spec"]?["finalizers"] as JsonArray ?? []).Select(name => (string?)name ?? "");
}
