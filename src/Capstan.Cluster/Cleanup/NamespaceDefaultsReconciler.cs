using System.Text.Json.Nodes;

namespace Capstan.Cluster.Cleanup;

/// <summary>Gives each namespace what Kubernetes puts into every one: the ServiceAccount <c>default</c> and the certificates to trust.</summary>
internal sealed class NamespaceDefaultsReconciler(KubeClient client, string authority) : Reconciler
{
    public const string RootAuthority = "kube-root-ca.crt";
    public const string DefaultAccount = "default";

    internal static readonly ResourceType ConfigMaps = new("", "v1", "ConfigMap", "configmaps", Namespaced: true);
    internal static readonly ResourceType Accounts = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);

    private const string Description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or "
        + "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    /// <param name="key">Of the namespace.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            if ((await client.GetAsync(NamespaceReconciler.Namespaces, key, cancellationToken)).DeletionTimestamp is null)
            {
                await EnsureAccountAsync(key.Name, cancellationToken);
                await EnsureAuthorityAsync(key.Name, cancellationToken);
            }
        }
        catch (ApiException error) when (error.IsNotFound || error.Status.Details?.Causes?.Any(c => c.Reason == "NamespaceTerminating") == true)
        {
            // The namespace went meanwhile.
        }

        return ReconcileResult.Done;
    }

    private async Task EnsureAccountAsync(string ns, CancellationToken cancellationToken)
    {
        if (await client.FindAsync(Accounts, new(ns, DefaultAccount), cancellationToken) is null)
        {
            await CreateAsync(Accounts, new JsonObject { ["metadata"] = Named(ns, DefaultAccount) }, cancellationToken);
        }
    }

    private async Task EnsureAuthorityAsync(string ns, CancellationToken cancellationToken)
    {
        var found = await client.FindAsync(ConfigMaps, new(ns, RootAuthority), cancellationToken);
        var data = new JsonObject { ["ca.crt"] = authority };
        if (found is null)
        {
            var metadata = Named(ns, RootAuthority);
            metadata["annotations"] = new JsonObject { ["kubernetes.io/description"] = Description };
            await CreateAsync(ConfigMaps, new JsonObject { ["metadata"] = metadata, ["data"] = data }, cancellationToken);
        }
        else if (found.ToJson() is var json && !JsonNode.DeepEquals(json["data"], data))
        {
            json["data"] = data;
            await client.UpdateAsync(ConfigMaps, DynamicObject.From(json), new WriteOptions { FieldManager = NamespaceController.Manager }, cancellationToken);
        }
    }

    private async Task CreateAsync(ResourceType type, JsonObject obj, CancellationToken cancellationToken)
    {
        obj["apiVersion"] = type.ApiVersion;
        obj["kind"] = type.Kind;
        try
        {
            await client.CreateAsync(type, DynamicObject.From(obj), new WriteOptions { FieldManager = NamespaceController.Manager }, cancellationToken);
        }
        catch (ApiException error) when (error.IsAlreadyExists)
        {
            // Somebody made one of his own: it stays.
        }
    }

    private static JsonObject Named(string ns, string name) => new() { ["name"] = name, ["namespace"] = ns };
}
