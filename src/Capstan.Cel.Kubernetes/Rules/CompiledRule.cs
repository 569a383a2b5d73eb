using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>A rule ready to run, or why it is not. Immutable and safe for threads.</summary>
internal sealed class CompiledRule
{
    private CompiledRule(ValidationRule rule) => Rule = rule;

    public ValidationRule Rule { get; }

    /// <summary>Null where the rule is empty or does not compile.</summary>
    public CelProgram? Program { get; private init; }

    /// <summary>Why it does not compile.</summary>
    public string? Error { get; private init; }

    /// <summary>Null where there is none or it does not compile.</summary>
    public CelProgram? MessageProgram { get; private set; }

    public string? MessageError { get; private set; }

    /// <summary>Where below the value an error is reported; empty: at the value.</summary>
    public string FieldPath { get; private init; } = "";

    public bool UsesOldSelf => Program?.Uses(RuleEnvironment.OldSelf) ?? false;

    public static CompiledRule Of(ValidationRule rule, RuleEnvironment environments, Schema schema)
    {
        if (string.IsNullOrWhiteSpace(rule.Rule))
        {
            return new(rule);
        }

        var environment = rule.OptionalOldSelf == true ? environments.Optional : environments.Plain;
        if (!environment.TryCompile(rule.Rule, out var program, out var diagnostics))
        {
            return new(rule)
            {
                Error = diagnostics.ProgramFault is { } fault ? $"program instantiation failed: {fault}" : $"compilation failed: {diagnostics}",
            };
        }

        if (program.ResultType.Kind != CelTypeKind.Bool)
        {
            return new(rule) { Error = "cel expression must evaluate to a bool" };
        }

        var compiled = new CompiledRule(rule)
        {
            Program = program,
            FieldPath = rule.FieldPath.Length == 0 ? "" : RelativePath.Normalize(rule.FieldPath, schema) ?? "",
        };
        compiled.CompileMessage(environment);
        return compiled;
    }

    private void CompileMessage(CelEnvironment environment)
    {
        if (Rule.MessageExpression.Length == 0)
        {
            return;
        }

        if (!environment.TryCompile(Rule.MessageExpression, out var program, out var diagnostics))
        {
            MessageError = diagnostics.ProgramFault is { } fault
                ? $"messageExpression instantiation failed: {fault}"
                : $"messageExpression compilation failed: {diagnostics}";
        }
        else if (program.ResultType.Kind != CelTypeKind.String)
        {
            MessageError = "messageExpression must evaluate to a string";
        }
        else
        {
            MessageProgram = program;
        }
    }
}
