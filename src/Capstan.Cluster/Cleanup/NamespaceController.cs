using Capstan.Caching;

namespace Capstan.Cluster.Cleanup;

/// <summary>Watches namespaces: those that are being deleted are emptied, the others get what every namespace has.</summary>
internal static class NamespaceController
{
    public const string Name = "namespace-controller";

    /// <summary>Field manager of what is made in namespaces, as in Kubernetes.</summary>
    public const string Manager = "kube-controller-manager";

    // Emptying one namespace is a conversation with the server: several go on at once.
    private const int Workers = 4;

    public static void AddTo(OperatorBuilder builder)
    {
        var namespaces = builder.AddInformer(NamespaceReconciler.Namespaces);
        builder.AddController(Name, controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new NamespaceReconciler(builder.Client);
            controller.For(namespaces, (_, now) => now?.DeletionTimestamp is not null);
        });
        builder.AddController("namespace-defaults", controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new NamespaceDefaultsReconciler(builder.Client, builder.Client.Config.CertificateAuthority ?? "");
            controller.For(namespaces, (_, now) => now is { DeletionTimestamp: null });

            // What somebody deletes or changes comes back.
            controller.Watches(Named(builder, NamespaceDefaultsReconciler.Accounts, NamespaceDefaultsReconciler.DefaultAccount), NamespaceOf);
            controller.Watches(Named(builder, NamespaceDefaultsReconciler.ConfigMaps, NamespaceDefaultsReconciler.RootAuthority), NamespaceOf);
        });
    }

    private static Informer Named(OperatorBuilder builder, ResourceType type, string name) =>
        builder.AddInformer(type, new InformerOptions { FieldSelector = $"metadata.name={name}" });

    private static IEnumerable<ObjectKey> NamespaceOf(DynamicObject? before, DynamicObject? now) =>
        before is null ? [] : [ObjectKey.ClusterScoped(before.Key.Namespace)];
}
