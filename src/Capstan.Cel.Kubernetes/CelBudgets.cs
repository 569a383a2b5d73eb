namespace Capstan.Cel.Kubernetes;

/// <summary>What Kubernetes lets expressions cost, in cel-go's units: a million takes it about a tenth of a second.</summary>
public static class CelBudgets
{
    /// <summary>One evaluation of one expression.</summary>
    public const ulong Call = 1_000_000;

    /// <summary>All expressions of a policy for one binding, or all rules for one custom resource.</summary>
    public const long Policy = 10_000_000;

    /// <summary>All match conditions of a policy or of a webhook.</summary>
    public const long MatchConditions = 2_500_000;

    /// <summary>Estimate of one rule of a schema, for the largest objects that fit a request. A definition with a dearer rule is refused.</summary>
    public const ulong RuleEstimate = 10_000_000;

    /// <summary>Estimates of all rules of a CustomResourceDefinition together.</summary>
    public const ulong DefinitionEstimate = 100_000_000;

    /// <summary>Most bytes of UTF-8 that a message expression may give.</summary>
    internal const int MessageBytes = 5 * 1024;
}
