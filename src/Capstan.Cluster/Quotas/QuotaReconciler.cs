using System.Text.Json.Nodes;
using Capstan.Cluster.Cleanup;
using Capstan.Quotas;

namespace Capstan.Cluster.Quotas;

/// <summary>Makes the status of a quota say what it limits and what is used.</summary>
/// <remarks>The quota is read first, and written only as that version: the API server stores an object together with what it charges for it, so
/// whatever is not among the objects that are listed after it charges a later version.</remarks>
internal sealed class QuotaReconciler(KubeClient client) : Reconciler
{
    internal static readonly ResourceType Quotas = new("", "v1", "ResourceQuota", "resourcequotas", Namespaced: true);

    private static readonly Quantity Nothing = Quantity.FromInt64(0);

    // Pods that are stuck in their end stop counting without any change.
    private static readonly TimeSpan Recount = TimeSpan.FromMinutes(5);

    private static readonly string[] Verbs = ["list"];

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            var quota = (await client.GetAsync(Quotas, key, cancellationToken)).ToJson();
            var hard = ResourceAmounts.Read(quota["spec"]?["hard"]);
            var used = await CountAsync(key.Namespace, quota["spec"], hard.Keys, cancellationToken);
            if (!Says(quota, "hard", hard) || !Says(quota, "used", used))
            {
                quota["status"] = new JsonObject { ["hard"] = ResourceAmounts.ToJson(hard), ["used"] = ResourceAmounts.ToJson(used) };
                await client.UpdateAsync(Quotas, DynamicObject.From(quota), new WriteOptions { Subresource = "status", FieldManager = NamespaceController.Manager }, cancellationToken);
            }

            return ReconcileResult.After(Recount);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return ReconcileResult.Done;
        }
        catch (ApiException error) when (error.IsConflict)
        {
            // It was charged meanwhile.
            return ReconcileResult.Requeue;
        }
    }

    private async Task<Dictionary<string, Quantity>> CountAsync(string @namespace, JsonNode? spec, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var used = new Dictionary<string, Quantity>();
        var served = await client.Discovery.ListAsync(Verbs, cancellationToken);
        foreach (var counted in names.GroupBy(QuotaMeter.ResourceOf))
        {
            // What is not served, or not in namespaces, nobody can count.
            if (counted.Key is not { } resource || QuotaMeter.For(resource) is not { } meter || served.FirstOrDefault(type => type.Namespaced && type.GroupResource == resource) is not { } type)
            {
                continue;
            }

            foreach (var name in counted)
            {
                used[name] = Nothing;
            }

            // Where the number is all, metadata are enough.
            var list = await client.ListAsync(type, new ListOptions { Namespace = @namespace, MetadataOnly = !meter.ChangesWithObject }, cancellationToken);
            Add(used, meter, spec, list.Items);
        }

        return used;
    }

    private void Add(Dictionary<string, Quantity> used, QuotaMeter meter, JsonNode? spec, IReadOnlyList<DynamicObject> objects)
    {
        var now = client.Options.TimeProvider.GetUtcNow();
        foreach (var json in objects.Select(found => found.ToJson()).Where(json => meter.IsInScope(spec, json)))
        {
            foreach (var (name, amount) in meter.Usage(json, now))
            {
                if (used.TryGetValue(name, out var sum))
                {
                    used[name] = sum.Add(amount);
                }
            }
        }
    }

    private static bool Says(JsonObject quota, string field, Dictionary<string, Quantity> amounts) =>
        quota["status"]?[field] is JsonObject said && ResourceAmounts.Read(said) is var known && known.Count == amounts.Count
        && known.All(amount => amounts.TryGetValue(amount.Key, out var now) && now == amount.Value);
}
