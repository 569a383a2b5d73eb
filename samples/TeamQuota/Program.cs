// Built-in kinds only, no types of one's own: each namespace with the label samples.capstan.dev/pods gets a ResourceQuota of so many pods, and loses it with the label.
using System.Globalization;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Applying;
using Capstan.Selectors;

using var client = new KubeClient(KubeConfig.Load(args.FirstOrDefault()));
await TeamQuota.Build(client).RunUntilSignalAsync();

/// <summary>What the program does.</summary>
[Rbac("", "namespaces", "list", "watch"), Rbac("", "resourcequotas", "list", "watch", "create", "patch", "delete")]
internal static class TeamQuota
{
    private const string Label = "samples.capstan.dev/pods";
    private const string Name = "team-quota";
    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);
    private static readonly ResourceType Quotas = new("", "v1", "ResourceQuota", "resourcequotas", Namespaced: true);

    public static Operator Build(KubeClient client)
    {
        var builder = new OperatorBuilder(client, new() { Name = Name });
        var namespaces = builder.AddInformer(Namespaces);
        var quotas = builder.AddInformer(Quotas, new() { LabelSelector = LabelSelector.Parse($"app={Name}") });
        var applier = new Applier(client, Name);
        builder.AddController(Name, controller =>
        {
            controller.For(namespaces);
            controller.Watches(quotas, (old, now) => [ObjectKey.ClusterScoped((now ?? old)!.Key.Namespace)]);
            controller.MaxConcurrentReconciles = 4;
            controller.Reconcile = async (key, stop) =>
            {
                var quota = new ObjectKey(key.Name, Name);
                if (namespaces.Cache.Get(key) is not { DeletionTimestamp: null } found) return ReconcileResult.Done;
                if (!found.Labels.TryGetValue(Label, out var pods))
                {
                    if (quotas.Cache.Contains(quota)) await client.DeleteAsync(Quotas, quota, cancellationToken: stop);
                    return ReconcileResult.Done;
                }

                if (!uint.TryParse(pods, NumberStyles.None, CultureInfo.InvariantCulture, out var most)) throw new TerminalException($"namespace {key.Name}: label {Label} is no number");
                await applier.ApplyAsync(Quotas, new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = key.Name, ["labels"] = new JsonObject { ["app"] = Name } },
                    ["spec"] = new JsonObject { ["hard"] = new JsonObject { ["pods"] = most.ToString(CultureInfo.InvariantCulture) } },
                }, stop);
                return ReconcileResult.Done;
            };
        });
        return builder.Build();
    }
}
