namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>Bounds of Kubernetes for rules of custom resources.</summary>
internal static class RuleLimits
{
    /// <summary>Of one evaluation, about a tenth of a second there.</summary>
    public const ulong CostPerCall = CelBudgets.Call;

    /// <summary>Of all rules over one object.</summary>
    public const long Budget = CelBudgets.Policy;

    /// <summary>Of what a message expression gives, in UTF-8.</summary>
    public const int MessageBytes = CelBudgets.MessageBytes;

    /// <summary>How the error of an evaluation begins that cost more than one may.</summary>
    public const string CallTooExpensive = "operation cancelled: actual cost limit exceeded";
}
