using System.Text;
using System.Text.Json.Nodes;

namespace Capstan.Cluster.Cleanup;

/// <summary>Fills the Secrets in which people ask for a lasting token of a ServiceAccount, and removes those whose account is gone.</summary>
internal sealed class TokenSecretReconciler(KubeClient client, string authority) : Reconciler
{
    public const string Type = "kubernetes.io/service-account-token";
    public const string AccountName = "kubernetes.io/service-account.name";

    internal static readonly ResourceType Secrets = new("", "v1", "Secret", "secrets", Namespaced: true);

    private const string AccountUid = "kubernetes.io/service-account.uid";

    // Such a token lives as long as its Secret; requests must say a time.
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            var secret = await client.GetAsync(Secrets, key, cancellationToken);
            if (secret.DeletionTimestamp is null && secret.Annotations.TryGetValue(AccountName, out var account) && account.Length > 0)
            {
                await KeepAsync(secret, new ObjectKey(key.Namespace, account), cancellationToken);
            }
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            // The Secret, or its account just now: its deletion has it looked at again.
        }
        catch (ApiException error) when (error.IsConflict)
        {
            return ReconcileResult.Requeue;
        }

        return ReconcileResult.Done;
    }

    private async Task KeepAsync(DynamicObject secret, ObjectKey accountKey, CancellationToken cancellationToken)
    {
        var account = await FindAccountAsync(accountKey, cancellationToken);
        if (account is null || (secret.Annotations.TryGetValue(AccountUid, out var uid) && uid != account.Uid))
        {
            await client.DeleteAsync(Secrets, secret.Key, new DeleteOptions { Uid = secret.Uid, ResourceVersion = secret.ResourceVersion }, cancellationToken);
            return;
        }

        var json = secret.ToJson();
        var data = json["data"] as JsonObject ?? [];
        var annotations = json["metadata"]!["annotations"]!.AsObject();
        var filled = data.DeepClone().AsObject();
        filled["ca.crt"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority));
        filled["namespace"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(accountKey.Namespace));
        if (string.IsNullOrEmpty((string?)filled["token"]))
        {
            filled["token"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(await IssueAsync(accountKey, secret, cancellationToken)));
        }

        if (JsonNode.DeepEquals(data, filled) && (string?)annotations[AccountUid] == account.Uid)
        {
            return;
        }

        annotations[AccountUid] = account.Uid;
        json["data"] = filled;
        await client.UpdateAsync(Secrets, DynamicObject.From(json), new WriteOptions { FieldManager = NamespaceController.Manager }, cancellationToken);
    }

    private async Task<DynamicObject?> FindAccountAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetMetadataAsync(NamespaceDefaultsReconciler.Accounts, key, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return null;
        }
    }

    private async Task<string> IssueAsync(ObjectKey account, DynamicObject secret, CancellationToken cancellationToken)
    {
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["metadata"] = new JsonObject { ["name"] = account.Name, ["namespace"] = account.Namespace },
            ["spec"] = new JsonObject
            {
                ["expirationSeconds"] = (long)Validity.TotalSeconds,
                ["boundObjectRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["name"] = secret.Key.Name, ["uid"] = secret.Uid },
            },
        };
        var issued = await client.CreateAsync(NamespaceDefaultsReconciler.Accounts, DynamicObject.From(request), new WriteOptions { Subresource = "token" }, cancellationToken);
        return (string)issued.ToJson()["status"]!["token"]!;
    }
}
