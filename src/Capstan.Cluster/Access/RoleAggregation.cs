using System.Text;
using System.Text.Json.Nodes;
using Capstan.Caching;
using Capstan.Selectors;

namespace Capstan.Cluster.Access;

/// <summary>Fills ClusterRoles that have an <c>aggregationRule</c> with the rules of the ClusterRoles that it selects by labels.</summary>
internal sealed class RoleAggregation(KubeClient client, Informer roles) : Reconciler
{
    private static readonly ResourceType ClusterRoles = new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced: false);

    // Asked for at each change of any role: which they are must not be read from all of them again.
    private const string Aggregated = "aggregated";

    public static void AddTo(OperatorBuilder builder)
    {
        var roles = builder.AddInformer(ClusterRoles);
        roles.AddIndex(Aggregated, role => role.ToJson()["aggregationRule"] is JsonObject ? [Aggregated] : []);
        builder.AddController("clusterrole-aggregation", controller =>
        {
            controller.Reconciler = new RoleAggregation(builder.Client, roles);

            // Any role may be selected by any other, and what it was selected by before may differ.
            controller.Watches(roles, (_, _) => roles.Cache.List(new ListQuery { MatchingFields = [(Aggregated, Aggregated)] }).Select(r => r.Key));
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (roles.Cache.Get(key)?.ToJson() is not { } role || role["aggregationRule"]?["clusterRoleSelectors"] is not JsonArray selectors)
        {
            return ReconcileResult.Done;
        }

        var rules = new JsonArray();
        foreach (var selector in selectors.OfType<JsonObject>().Select(LabelSelector.From))
        {
            foreach (var source in roles.Cache.List().Where(r => r.Key != key && selector.Matches(r.Labels)).OrderBy(r => r.Key))
            {
                foreach (var rule in source.ToJson()["rules"] as JsonArray ?? [])
                {
                    if (!rules.Any(known => JsonNode.DeepEquals(known, rule)))
                    {
                        rules.Add(rule?.DeepClone());
                    }
                }
            }
        }

        if (!JsonNode.DeepEquals(role["rules"] as JsonArray ?? [], rules))
        {
            var body = new JsonObject
            {
                ["apiVersion"] = ClusterRoles.ApiVersion,
                ["kind"] = ClusterRoles.Kind,
                ["metadata"] = new JsonObject { ["name"] = key.Name },
            };

            // As in Kubernetes: where nothing is selected the rules that somebody wrote by hand stay his.
            if (rules.Count > 0)
            {
                body["rules"] = rules;
            }

            await client.ApplyAsync(
                ClusterRoles, key, Encoding.UTF8.GetBytes(body.ToJsonString()),
                new ApplyOptions { FieldManager = "clusterrole-aggregation-controller", Force = true }, cancellationToken);
        }

        return ReconcileResult.Done;
    }
}
