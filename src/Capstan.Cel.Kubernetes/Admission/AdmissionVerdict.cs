using System.Collections.Immutable;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>What a policy says of an input. Immutable.</summary>
public sealed record AdmissionVerdict
{
    /// <summary>Whether the match conditions held; if not there is nothing else.</summary>
    public bool Matches { get; init; } = true;

    /// <summary>The match condition that is false, null where none is.</summary>
    public string? FailedCondition { get; init; }

    /// <summary>One for each validation; a single one where something keeps all from being judged.</summary>
    public ImmutableArray<AdmissionDecision> Decisions { get; init; } = [];

    /// <summary>One for each audit annotation.</summary>
    public ImmutableArray<AuditAnnotation> AuditAnnotations { get; init; } = [];

    /// <summary>What validations and messages left of the budget, in cel-go's units; -1 where it ran out.</summary>
    public long RemainingBudget { get; init; }

    /// <summary>Whether nothing denies.</summary>
    public bool IsAdmitted => Decisions.All(decision => decision.IsAdmitted);

    internal static AdmissionVerdict NoMatch(string? condition, long budget) =>
        new() { Matches = false, FailedCondition = condition, RemainingBudget = budget };
}

/// <summary>How one validation came out.</summary>
public enum AdmissionOutcome
{
    /// <summary>The expression is true.</summary>
    Admit,

    /// <summary>The expression is false.</summary>
    Deny,

    /// <summary>There is no telling.</summary>
    Error,
}

/// <summary>What came of one validation.</summary>
/// <param name="Outcome">How it came out.</param>
/// <param name="IsAdmitted">Whether it lets the request pass: errors do as the policy says.</param>
/// <param name="Message">Why not, in Kubernetes' words; empty when the expression is true.</param>
/// <param name="Reason">Kubernetes' reason of a denial; empty else.</param>
public readonly record struct AdmissionDecision(AdmissionOutcome Outcome, bool IsAdmitted, string Message, string Reason);

/// <summary>What came of one audit annotation.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">The text to publish, trimmed; null: none.</param>
/// <param name="Error">Why there is none where there should be; null where all is well.</param>
public readonly record struct AuditAnnotation(string Key, string? Value, string? Error);
