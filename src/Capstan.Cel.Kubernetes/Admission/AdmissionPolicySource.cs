using System.Collections.Immutable;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>What the spec of a ValidatingAdmissionPolicy says in expressions. Immutable.</summary>
public sealed record AdmissionPolicySource
{
    /// <summary>Whether expressions may use <c>params</c>: whether the policy has a paramKind. Default false.</summary>
    public bool HasParams { get; init; }

    /// <summary>Whether errors admit, as failurePolicy Ignore; else they deny. Default false.</summary>
    public bool IgnoresFailures { get; init; }

    /// <summary>What expressions may use as <c>variables.name</c>. Default none.</summary>
    public ImmutableArray<NamedExpression> Variables { get; init; } = [];

    /// <summary>All must be true for the policy to be looked at. Default none.</summary>
    public ImmutableArray<NamedExpression> MatchConditions { get; init; } = [];

    /// <summary>What must be true. Default none.</summary>
    public ImmutableArray<AdmissionValidation> Validations { get; init; } = [];

    /// <summary>Strings, or null, for the audit event, by their keys. Default none.</summary>
    public ImmutableArray<NamedExpression> AuditAnnotations { get; init; } = [];
}

/// <summary>One expression that must be true, and what is said where it is false. Immutable.</summary>
/// <param name="Expression">A bool.</param>
public sealed record AdmissionValidation(string Expression)
{
    /// <summary>What is said where there is no better. Default: that the expression failed.</summary>
    public string? Message { get; init; }

    /// <summary>A string that is said instead: where it evaluates to one line that is not empty, of at most 5120 bytes. Default none.</summary>
    public string? MessageExpression { get; init; }

    /// <summary>Kubernetes' reason of the refusal. Default Invalid.</summary>
    public string Reason { get; init; } = "Invalid";
}
