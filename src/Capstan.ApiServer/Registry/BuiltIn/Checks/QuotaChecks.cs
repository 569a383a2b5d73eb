namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of ResourceQuota.</summary>
internal static class QuotaChecks
{
    private static readonly string[] PodScopes = ["Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"];
    private static readonly HashSet<string> PodResources = ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
    private static readonly HashSet<string> ClaimResources = ["persistentvolumeclaims", "requests.storage"];
    private static readonly (string, string)[] Contradictions = [("BestEffort", "NotBestEffort"), ("NotTerminating", "Terminating")];

    /// <summary>ResourceQuota.</summary>
    public static readonly KindCheck Quota = new(quota => CheckSpec(quota["spec"]))
    {
        Update = (quota, old) =>
        {
            CheckSpec(quota["spec"]);
            var scopes = quota["spec"]["scopes"];
            if (!scopes.Value.Items().Select(s => s.Text()).ToHashSet().SetEquals(old.Items("spec", "scopes").Select(s => s.Text())))
            {
                scopes.Invalid("field is immutable");
            }
        },
        Status = (quota, _) =>
        {
            CheckAmounts(quota["status"]["hard"]);
            CheckAmounts(quota["status"]["used"]);
        },
    };

    private static void CheckSpec(Place spec)
    {
        CheckAmounts(spec["hard"]);
        var resources = spec["hard"].Entries.Select(e => e.Key).ToList();
        foreach (var scope in spec["scopes"].Items)
        {
            if (!IsScope(scope.Text))
            {
                spec["scopes"].Invalid("unsupported scope");
            }

            CheckScopeOf(spec["scopes"], scope.Text, resources);
        }

        CheckContradictions(spec["scopes"], [.. spec["scopes"].Items.Select(s => s.Text)]);
        var expressions = spec["scopeSelector"]["matchExpressions"];
        foreach (var expression in expressions.Items)
        {
            CheckExpression(expression, expressions, spec["scopeSelector"], resources);
        }

        if (spec["scopeSelector"].Exists)
        {
            CheckContradictions(expressions with { Value = spec["scopes"].Value }, [.. expressions.Items.Select(e => e["scopeName"].Text)]);
        }
    }

    private static void CheckAmounts(Place amounts)
    {
        foreach (var (name, amount) in amounts.Entries)
        {
            ResourceNames.CheckOfQuota(amount, name);
            ResourceNames.CheckAmount(amount, name);
        }
    }

    private static void CheckExpression(Place expression, Place expressions, Place selector, IReadOnlyList<string> resources)
    {
        // The place of a fault is named without its index, as Kubernetes does.
        Place At(string field) => expression[field].As($"{expressions.Path}.{field}");
        var scope = expression["scopeName"].Text;
        if (!IsScope(scope))
        {
            At("scopeName").Invalid(scope, "unsupported scope");
        }

        CheckScopeOf(selector.As(expressions.Path), scope, resources);
        if (scope is "BestEffort" or "NotBestEffort" or "Terminating" or "NotTerminating" or "CrossNamespacePodAffinity" && expression["operator"].Text != "Exists")
        {
            At("operator").Invalid(expression["operator"].Text, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
                + "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
        }

        switch (expression["operator"].Text)
        {
            case "In" or "NotIn":
                if (expression["values"].Count == 0)
                {
                    At("values").Required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                }

                break;
            case "Exists" or "DoesNotExist":
                if (expression["values"].Count > 0)
                {
                    At("values").Invalid("must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                }

                break;
            default:
                At("operator").Invalid(expression["operator"].Text, "not a valid selector operator");
                break;
        }
    }

    private static bool IsScope(string scope) => PodScopes.Contains(scope) || scope is "BestEffort" or "VolumeAttributesClass";

    private static void CheckScopeOf(Place place, string scope, IReadOnlyList<string> resources)
    {
        foreach (var resource in resources.Where(ResourceNames.IsOfQuotas))
        {
            var fits = scope switch
            {
                "BestEffort" => resource == "pods",
                "VolumeAttributesClass" => ClaimResources.Contains(resource),
                _ => !PodScopes.Contains(scope) || PodResources.Contains(resource),
            };
            if (!fits)
            {
                place.Invalid("unsupported scope applied to resource");
            }
        }
    }

    private static void CheckContradictions(Place place, IReadOnlyList<string> scopes)
    {
        foreach (var (one, other) in Contradictions)
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                place.Invalid("conflicting scopes");
            }
        }
    }
}
