using System.Text.Json.Nodes;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Access.Rbac;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Workloads;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Roles;

/// <summary>Rules of Role and ClusterRole: what a rule must have, and that nobody writes into a role what he does not have himself.</summary>
internal sealed class RoleRules(ResourceType type, Schema schema, bool hasStatus, Authorization authorization) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override void Permit(WriteRequest request, JsonObject obj, JsonObject? old)
    {
        if (old is null || !JsonNode.DeepEquals(old["rules"], obj["rules"]) || !JsonNode.DeepEquals(old["aggregationRule"], obj["aggregationRule"]))
        {
            // Whoever can aggregate could aggregate everything.
            IReadOnlyList<PolicyRule> Wanted() => obj.Map("aggregationRule") is null ? PolicyRule.Rules(obj) : [.. PolicyRule.Rules(obj), PolicyRule.Everything, PolicyRule.EveryPath];
            Escalation.Check(authorization, request, obj.Text("metadata", "name") ?? "", Wanted, "escalate", Type.Plural, obj.Text("metadata", "name") ?? "");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var rules = obj.Items("rules");
        for (var i = 0; i < rules.Count; i++)
        {
            Validate(PolicyRule.Of(rules[i]), $"rules[{i}]", errors);
        }

        if (obj.Map("aggregationRule") is not { } aggregation)
        {
            return;
        }

        var selectors = aggregation.Items("clusterRoleSelectors");
        if (selectors.Count == 0)
        {
            errors.Add(FieldErrors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil"));
        }

        foreach (var selector in new Place(obj, "", Schema, errors)["aggregationRule"]["clusterRoleSelectors"].Items)
        {
            selector.Selector();
            if (!WorkloadValidation.IsReadable(selector))
            {
                selector.Invalid(null, "invalid label selector.");
            }
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => ValidateKind(obj, errors);

    private void Validate(PolicyRule rule, string path, ICollection<FieldError> errors)
    {
        if (rule.Verbs.Count == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.verbs", "verbs must contain at least one value"));
        }

        if (rule.NonResourceUrls.Count > 0)
        {
            var urls = $"[{string.Join(",", rule.NonResourceUrls.Select(GoFormat.Quote))}]";
            void Invalid(string detail) => errors.Add(new(FieldErrorReasons.Invalid, $"{path}.nonResourceURLs", $"Invalid value: {urls}: {detail}"));
            if (Type.Namespaced)
            {
                Invalid("namespaced rules cannot apply to non-resource URLs");
            }

            if (rule.ApiGroups.Count + rule.Resources.Count + rule.ResourceNames.Count > 0)
            {
                Invalid("rules cannot apply to both regular resources and non-resource URLs");
            }

            return;
        }

        if (rule.ApiGroups.Count == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.apiGroups", "resource rules must supply at least one api group"));
        }

        if (rule.Resources.Count == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.resources", "resource rules must supply at least one resource"));
        }
    }
}
