using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>The rules of one value, in their order, and what is said of those that do not hold.</summary>
internal sealed class RuleEvaluation(RuleRun run, RuleNode node, FieldPath? path, JsonNode value, JsonNode? old, Ratchet ratchet)
{
    private const string OutOfBudget = "validation failed due to running out of cost budget, no further validation rules will be run";

    // self and oldSelf; and the same where oldSelf is optional.
    private readonly CelValue[] _variables = new CelValue[2];
    private readonly CelValue[] _optional = new CelValue[2];

    private string Shown
    {
        get
        {
            var raw = CelValue.Of(value);
            return raw.Kind == CelKind.String ? GoFormat.Quote(raw.String) : raw.Kind is CelKind.List or CelKind.Map ? RawValue.GoType(raw) : GoFormat.Value(value);
        }
    }

    private string Type => node.Shape.Schema.Type;

    public void Run()
    {
        if (node.Fault is { } fault)
        {
            AddError(path, $"rule compiler initialization error: {fault}");
            return;
        }

        if (node.Rules.Length == 0)
        {
            return;
        }

        if (run.Budget <= 0)
        {
            AddError(path, OutOfBudget);
            run.Stop();
            return;
        }

        Bind();
        foreach (var rule in node.Rules)
        {
            if (run.Budget >= 0)
            {
                Run(rule);
            }
        }
    }

    private void Bind()
    {
        _variables[0] = _optional[0] = node.Shape.Read(CelValue.Of(value));
        if (node.UsesOldSelf)
        {
            _variables[1] = old is null ? default : node.Shape.Read(CelValue.Of(old));

            // What cel-go takes out of an optional variable is plain JSON again: without formats, escaped names and the order that sets lack.
            _optional[1] = CelValue.Of(old is null ? CelOptional.None : CelOptional.Of(RawValue.Behind(_variables[1])));
        }
    }

    private void Run(CompiledRule rule)
    {
        if (rule.Error is { } error)
        {
            AddError(path, $"rule compile error: {error}");
            return;
        }

        var optional = rule.Rule.OptionalOldSelf == true;
        if (rule.Program is null || (rule.UsesOldSelf && old is null && !optional))
        {
            return;
        }

        var variables = optional ? _optional : _variables;
        var evaluation = run.Evaluate(rule.Program, variables);
        if (!run.TryPay(evaluation))
        {
            AddError(path, OutOfBudget);
            run.Stop();
        }
        else if (evaluation.IsError)
        {
            AddFailure(rule.Rule, evaluation.Value.ErrorMessage);
        }
        else if (!evaluation.Value.Bool)
        {
            AddFalse(rule);
        }
    }

    private void AddFailure(ValidationRule rule, string message)
    {
        if (message.StartsWith("no such overload", StringComparison.Ordinal))
        {
            AddError(path, $"'{message}': call arguments did not match a supported operator, function or macro signature for rule: {rule.Title}");
        }
        else if (message.StartsWith(RuleRun.CallTooExpensive, StringComparison.Ordinal))
        {
            AddError(path, $"'{message}': no further validation rules will be run due to call cost exceeds limit for rule: {rule.Title}");
            run.Stop();
        }
        else
        {
            AddError(path, $"{message} evaluating rule: {rule.Title}");
        }
    }

    private void AddFalse(CompiledRule rule)
    {
        var where = rule.FieldPath.Length == 0 ? path : FieldPath.Child(path, rule.FieldPath);

        // As in Kubernetes oldSelf is plain for the message of a rule for which it is optional.
        var message = rule.MessageProgram is null ? default : RuleMessage.Of(rule, _variables, run);
        if (message.Refusal is { } refusal)
        {
            Add(rule, FieldErrors.Invalid(FieldPath.Text(where), Type, refusal));
            run.Stop();
            return;
        }

        if (message.Remark is { } remark)
        {
            run.Remarks.Add(remark);
        }

        Add(rule, Error(FieldPath.Text(where), message.Text ?? rule.Rule.Detail, rule.Rule.Reason));
    }

    private FieldError Error(string where, string detail, string? reason)
    {
        // Objects and lists are not shown.
        var shown = Type is "object" or "array" ? "" : $": {Shown}";
        return reason switch
        {
            FieldErrorReasons.Forbidden => FieldErrors.Forbidden(where, detail),
            FieldErrorReasons.Required => FieldErrors.Required(where, detail),
            FieldErrorReasons.Duplicate => new(FieldErrorReasons.Duplicate, where, $"Duplicate value{shown}"),
            _ => new(FieldErrorReasons.Invalid, where, $"Invalid value{shown}: {detail}"),
        };
    }

    private void Add(CompiledRule rule, FieldError error) => (!rule.UsesOldSelf && ratchet.Holds ? run.Warnings : run.Errors).Add(error);

    private void AddError(FieldPath? where, string detail) => run.Errors.Add(FieldErrors.Invalid(FieldPath.Text(where), Type, detail));
}
