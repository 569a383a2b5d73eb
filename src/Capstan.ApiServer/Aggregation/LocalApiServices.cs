using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Aggregation;

/// <summary>Keeps an APIService for each version that this server serves itself, as Kubernetes does: built-in ones from the start, those of custom resources while they are served.</summary>
/// <remarks>Works on the thread of whoever changes what is served. All writes are guarded by what was read; a lost race is a change to come.</remarks>
internal sealed class LocalApiServices(Store store, Catalogue catalogue, TimeProvider clock)
{
    private const string Label = "kube-aggregator.kubernetes.io/automanaged";
    private const string OnStart = "onstart";
    private const string WhileServed = "true";
    private const int CustomGroup = 1000;
    private const int CustomVersion = 100;

    // How versions come in the order of discovery: group, then versions within it.
    private static readonly Dictionary<string, int> Groups = new()
    {
        [""] = 18000, ["apps"] = 17800, ["events.k8s.io"] = 17750, ["authentication.k8s.io"] = 17700, ["authorization.k8s.io"] = 17600, ["autoscaling"] = 17500, ["batch"] = 17400,
        ["certificates.k8s.io"] = 17300, ["networking.k8s.io"] = 17200, ["policy"] = 17100, ["rbac.authorization.k8s.io"] = 17000, ["storage.k8s.io"] = 16800,
        ["apiextensions.k8s.io"] = 16700, ["admissionregistration.k8s.io"] = 16700, ["scheduling.k8s.io"] = 16600, ["coordination.k8s.io"] = 16500, ["node.k8s.io"] = 16300,
        ["discovery.k8s.io"] = 16200, ["resource.k8s.io"] = 16200, ["flowcontrol.apiserver.k8s.io"] = 16100, ["storagemigration.k8s.io"] = 15800,
    };

    private static readonly Dictionary<(string Group, string Version), int> Versions = new()
    {
        [("", "v1")] = 1, [("autoscaling", "v2")] = 30, [("resource.k8s.io", "v1")] = 21, [("flowcontrol.apiserver.k8s.io", "v1")] = 21,
    };

    /// <summary>Makes those that are missing, and follows what is served from then on. To be called once, before the first request.</summary>
    public void Start()
    {
        foreach (var (group, version) in catalogue.All.Where(r => !r.IsCustom).Select(r => (r.Type.Group, r.Type.Version)).Distinct())
        {
            // The group of APIServices themselves has none.
            if (Groups.TryGetValue(group, out var priority))
            {
                Make(group, version, OnStart, priority, Versions.GetValueOrDefault((group, version), 15));
            }
        }

        catalogue.Changed += Follow;
        Follow(catalogue.Current);
    }

    private void Follow(CatalogueModel model)
    {
        var custom = model.All.Where(r => r.IsCustom).Select(r => (r.Type.Group, r.Type.Version)).Distinct().ToList();
        foreach (var (group, version) in custom)
        {
            Make(group, version, WhileServed, CustomGroup, CustomVersion);
        }

        foreach (var stored in store.Read(Aggregator.ApiServices).Objects.From(default).Where(s => s.Labels?.GetValueOrDefault(Label) == WhileServed))
        {
            var spec = ObjectJson.Parse(stored.Json).Map("spec");
            if (!custom.Contains((spec.Text("group") ?? "", spec.Text("version") ?? "")))
            {
                store.TryRemove(Aggregator.ApiServices, stored);
            }
        }
    }

    private void Make(string group, string version, string managed, int groupPriority, int versionPriority)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{version}.{group}");
        if (store.Find(Aggregator.ApiServices, ObjectKey.ClusterScoped(name)) is not null)
        {
            return;
        }

        var now = KubeTime.Format(clock.GetUtcNow());
        var spec = new JsonObject { ["version"] = version, ["groupPriorityMinimum"] = groupPriority, ["versionPriority"] = versionPriority };
        if (group.Length > 0)
        {
            spec["group"] = group;
        }

        store.TryPut(
            Aggregator.ApiServices,
            ObjectEncoder.Encode(new JsonObject
            {
                ["kind"] = "APIService",
                ["apiVersion"] = "apiregistration.k8s.io/v1",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["uid"] = Guid.NewGuid().ToString(),
                    ["creationTimestamp"] = now,
                    ["labels"] = new JsonObject { [Label] = managed },
                },
                ["spec"] = spec,
                ["status"] = new JsonObject { ["conditions"] = new JsonArray(ApiServiceRules.LocalCondition(now)) },
            }),
            expected: null);
    }
}
