using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Policies;

/// <summary>Whether a policy allows a manifest. What no rule allows is refused.</summary>
internal static class PolicyCheck
{
    /// <summary>Returns if the policy allows the manifest.</summary>
    /// <exception cref="TemplateException">It does not.</exception>
    public static void Demand(KubeTemplatePolicy policy, Manifest manifest)
    {
        if (Violation(policy, manifest) is { } violation)
        {
            throw new TemplateException(FailureReasons.PolicyViolation, violation);
        }
    }

    /// <summary>Null when allowed, else one sentence that names the entry, the rule and what it lacks.</summary>
    /// <remarks>All rules for the kind are tried, and one that allows the namespace is enough. A rule with CEL or field validations
    /// cannot be evaluated yet and refuses: what is governed by a check that we cannot make must not pass unchecked.</remarks>
    public static string? Violation(KubeTemplatePolicy policy, Manifest manifest)
    {
        var policyName = policy.Key.ToString();
        var rules = policy.Spec.ValidationRules.Select((rule, index) => (rule, index)).Where(r => Names(r.rule, manifest)).ToList();
        if (rules.Count == 0)
        {
            return $"{manifest}: resource type {manifest.Kind.ApiVersion} {manifest.Kind.Kind} is not allowed by policy {policyName}";
        }

        if (rules.FirstOrDefault(r => r.rule.IsConditional) is { rule: not null } conditional)
        {
            return $"{manifest}: validationRules[{conditional.index}] of policy {policyName} has "
                + (string.IsNullOrWhiteSpace(conditional.rule.Rule) ? "fieldValidations" : "a CEL rule")
                + ", which this version cannot evaluate, and so refuses";
        }

        if (rules.Any(r => r.rule.TargetNamespaces.Contains(manifest.Key.Namespace)))
        {
            return null;
        }

        var targets = rules.SelectMany(r => r.rule.TargetNamespaces).Distinct().ToList();
        var places = string.Join(", ", rules.Select(r => $"validationRules[{r.index}]"));
        return targets.Count == 0
            ? $"{manifest}: no target namespaces defined for {manifest.Kind.Kind} in {places} of policy {policyName}"
            : $"{manifest}: namespace {manifest.Key.Namespace} is not in the allowed target namespaces ({string.Join(", ", targets)}) "
                + $"of {places} of policy {policyName}";
    }

    private static bool Names(PolicyRule rule, Manifest manifest) =>
        rule.Kind == manifest.Kind.Kind && rule.Group == manifest.Kind.Group && rule.Version == manifest.Kind.Version;
}
