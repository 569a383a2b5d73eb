using System.Collections.Immutable;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>What came of one expression of a set.</summary>
/// <param name="Name">The name of the expression.</param>
/// <param name="Value">The value; without a kind where there is an error.</param>
/// <param name="Error">Why there is no value, in Kubernetes' words; null where there is one.</param>
public readonly record struct ExpressionResult(string Name, CelValue Value, string? Error)
{
    /// <summary>Whether the value is the bool true.</summary>
    public bool IsTrue => Error is null && Value is { Kind: CelKind.Bool, Bool: true };

    /// <summary>Whether the value is the bool false.</summary>
    public bool IsFalse => Error is null && Value is { Kind: CelKind.Bool, Bool: false };
}

/// <summary>What came of a set of expressions.</summary>
/// <param name="Results">One for each expression, in their order; none when the budget ran out.</param>
/// <param name="RemainingBudget">What is left of the budget, in cel-go's units of cost; -1 when it ran out.</param>
/// <param name="Error">Why there are no results; null when there are. The one reason is that the budget ran out.</param>
public sealed record ExpressionResults(ImmutableArray<ExpressionResult> Results, long RemainingBudget, string? Error)
{
    internal static ExpressionResults OutOfBudget { get; } =
        new([], -1, "validation failed due to running out of cost budget, no further validation rules will be run");
}
