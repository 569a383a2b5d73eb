using System.Text.Json.Nodes;

namespace Capstan.Cluster.Quotas;

/// <summary>Counts what ResourceQuotas limit: when a quota is new or changed, and when something that it counts goes or takes less. What is added the API
/// server charges itself, when it lets it in.</summary>
internal static class QuotaController
{
    public const string Name = "resourcequota-controller";

    private const int Workers = 4;

    public static void AddTo(OperatorBuilder builder)
    {
        var quotas = builder.AddInformer(QuotaReconciler.Quotas);
        var monitors = new UsageMonitors(builder.Client, quotas);
        builder.AddController(Name, controller =>
        {
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new QuotaReconciler(builder.Client);
            controller.For(quotas, static (old, now) => now is not null && (old is null || !JsonNode.DeepEquals(old.ToJson()["spec"], now.ToJson()["spec"])));
            controller.TriggeredBy(recount => monitors.Changed += recount);
        });
        builder.AddRunnable(monitors.RunAsync);
    }
}
