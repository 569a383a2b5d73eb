using Capstan.Caching;

namespace Capstan.Cluster.Cleanup;

/// <summary>Watches the Secrets that hold tokens, and the ServiceAccounts that they are of.</summary>
internal static class TokenSecrets
{
    private const string OfAccount = "account";

    public static void AddTo(OperatorBuilder builder)
    {
        var secrets = builder.AddInformer(TokenSecretReconciler.Secrets, new InformerOptions { FieldSelector = $"type={TokenSecretReconciler.Type}" });
        secrets.AddIndex(OfAccount, secret => secret.Annotations.TryGetValue(TokenSecretReconciler.AccountName, out var name) ? [$"{secret.Key.Namespace}/{name}"] : []);
        var accounts = builder.AddInformer(NamespaceDefaultsReconciler.Accounts);
        builder.AddController("serviceaccount-token", controller =>
        {
            controller.Reconciler = new TokenSecretReconciler(builder.Client, builder.Client.Config.CertificateAuthority ?? "");
            controller.For(secrets, static (_, now) => now is not null);

            // A new account of the same name is another: its predecessor's Secrets go.
            controller.Watches(accounts, (old, now) =>
                old is not null && now is not null ? [] : secrets.Cache.ByIndex(OfAccount, (now ?? old)!.Key.ToString()).Select(secret => secret.Key));
        });
    }
}
