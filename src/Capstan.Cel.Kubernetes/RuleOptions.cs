namespace Capstan.Cel.Kubernetes;

/// <summary>How rules are run over an object. The default is what Kubernetes does when one is created.</summary>
public readonly record struct RuleOptions
{
    /// <summary>What all evaluations together may cost, in cel-go's units. Default <see cref="SchemaRules.DefaultBudget"/>.</summary>
    public long? Budget { get; init; }

    /// <summary>Path of the object in errors. Default that of a whole object.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// Whether rules that fail for values which did not change are warnings, as in Kubernetes on an update. Rules that read <c>oldSelf</c> are
    /// errors all the same. Default false.
    /// </summary>
    public bool Ratchet { get; init; }

    /// <summary>Ends the run by an exception.</summary>
    public CancellationToken Cancellation { get; init; }
}
