namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of PodDisruptionBudget.</summary>
internal static class BudgetChecks
{
    /// <summary>PodDisruptionBudget.</summary>
    public static readonly KindCheck Budget = new(budget =>
    {
        var spec = budget["spec"];
        if (spec["minAvailable"].Exists && spec["maxUnavailable"].Exists)
        {
            spec.Invalid("minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            NumberOrPercent.Check(spec[field]);
            NumberOrPercent.CheckAtMostAll(spec[field]);
        }

        spec["selector"].Selector();
        spec["unhealthyPodEvictionPolicy"].NoneOrOneOf("AlwaysAllow", "IfHealthyBudget");
    })
    {
        Status = (budget, _) =>
        {
            Conditions.Check(budget["status"]["conditions"]);
            foreach (var field in (ReadOnlySpan<string>)["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"])
            {
                budget["status"][field].NotNegative();
            }
        },
    };
}
