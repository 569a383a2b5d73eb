using System.Text;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>What a message expression gave.</summary>
/// <param name="Text">The message.</param>
/// <param name="Remark">Why there is none; the rule's own is told then, and this is for the log.</param>
/// <param name="Refusal">Why no rule is run any more.</param>
internal readonly record struct RuleMessage(string? Text, string? Remark, string? Refusal)
{
    public static RuleMessage Of(CompiledRule rule, CelValue[] variables, RuleRun run)
    {
        var evaluation = run.Evaluate(rule.MessageProgram!, variables);
        if (!run.TryPay(evaluation))
        {
            return Refuse("messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run");
        }

        if (evaluation.IsError)
        {
            var error = evaluation.Value.ErrorMessage;
            return error.StartsWith(RuleRun.CallTooExpensive, StringComparison.Ordinal)
                ? Refuse("no further validation rules will be run due to call cost exceeds limit for messageExpression: "
                    + Capstan.Schemas.GoFormat.Quote(rule.Rule.MessageExpression))
                : None($"messageExpression evaluation failed due to: {error}");
        }

        if (evaluation.Value.Kind != CelKind.String)
        {
            return None("messageExpression failed to convert to string");
        }

        var text = evaluation.Value.String.Trim();
        return Encoding.UTF8.GetByteCount(text) > CelBudgets.MessageBytes ? None($"messageExpression beyond allowable length of {CelBudgets.MessageBytes}")
            : text.Contains('\n') ? None("messageExpression should not contain line breaks")
            : text.Length == 0 ? None("messageExpression should evaluate to a non-empty string")
            : new(text, null, null);
    }

    private static RuleMessage None(string remark) => new(null, remark, null);

    private static RuleMessage Refuse(string reason) => new(null, null, reason);
}
