using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes;

/// <summary>What the rules of a schema found in an object. Immutable.</summary>
/// <param name="Errors">Why the object is refused, with Kubernetes' paths, reasons and words; empty when it is not.</param>
/// <param name="Warnings">What would be an error, had the value changed: see <see cref="RuleOptions.Ratchet"/>.</param>
/// <param name="Remarks">For the log: why message expressions gave no message.</param>
/// <param name="RemainingBudget">What was left of the budget; below 0 when rules were not run for want of it.</param>
public sealed record RuleFindings(
    IReadOnlyList<FieldError> Errors, IReadOnlyList<FieldError> Warnings, IReadOnlyList<string> Remarks, long RemainingBudget);
