using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of Lease and LeaseCandidate.</summary>
internal static class LeaseChecks
{
    private const string OldestVersion = "OldestEmulationVersion";

    /// <summary>Lease.</summary>
    public static readonly KindCheck Lease = new(lease =>
    {
        var spec = lease["spec"];
        if (spec["leaseDurationSeconds"].Exists && spec["leaseDurationSeconds"].Number <= 0)
        {
            spec["leaseDurationSeconds"].Invalid("must be greater than 0");
        }

        spec["leaseTransitions"].NotNegative();
        if (spec["strategy"].Exists)
        {
            CheckStrategy(spec["strategy"]);
        }

        if (spec["preferredHolder"].HasText && !spec["strategy"].HasText)
        {
            spec["preferredHolder"].Forbidden("may only be specified if `strategy` is defined");
        }
    });

    /// <summary>LeaseCandidate.</summary>
    public static readonly KindCheck Candidate = new(candidate =>
    {
        var spec = candidate["spec"];
        foreach (var field in (ReadOnlySpan<string>)["leaseName", "binaryVersion", "strategy"])
        {
            if (!spec[field].HasText)
            {
                spec[field].Required();
            }
        }

        if (spec["strategy"].HasText)
        {
            CheckStrategy(spec["strategy"]);
        }
    });

    private static void CheckStrategy(Place strategy)
    {
        // The path has the field's name twice, as Kubernetes' has.
        var place = strategy.As($"{strategy.Path}.strategy");
        if (!strategy.Text.Contains('/', StringComparison.Ordinal))
        {
            place.OneOf(OldestVersion);
        }
        else
        {
            place.Follows(LabelSyntax.KeyFaults);
        }
    }
}
