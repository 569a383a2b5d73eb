namespace Capstan.Cluster.Cleanup;

/// <summary>Watches for namespaces that are being deleted.</summary>
internal static class NamespaceController
{
    public const string Name = "namespace-controller";

    // Emptying one namespace is a conversation with the server: several go on at once.
    private const int Workers = 4;

    public static void AddTo(OperatorBuilder builder) => builder.AddController(Name, controller =>
    {
        controller.MaxConcurrentReconciles = Workers;
        controller.Reconciler = new NamespaceReconciler(builder.Client);
        controller.For(builder.AddInformer(NamespaceReconciler.Namespaces), (_, now) => now?.DeletionTimestamp is not null);
    });
}
