namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>Bounds of Kubernetes for rules of custom resources.</summary>
internal static class RuleLimits
{
    /// <summary>Of one evaluation, about a tenth of a second there.</summary>
    public const ulong CostPerCall = CelBudgets.Call;

    /// <summary>Of all rules over one object.</summary>
    public const long Budget = CelBudgets.Policy;

    /// <summary>Of one rule in the worst case, wherever it applies in an object.</summary>
    public const ulong EstimatedCostOfOne = 10_000_000;

    /// <summary>Of all rules of a schema in the worst case.</summary>
    public const ulong EstimatedCostOfAll = 100_000_000;

    /// <summary>Of what a message expression gives, in UTF-8.</summary>
    public const int MessageBytes = CelBudgets.MessageBytes;

    /// <summary>How the error of an evaluation begins that cost more than one may.</summary>
    public const string CallTooExpensive = "operation cancelled: actual cost limit exceeded";
}
