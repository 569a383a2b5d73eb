using System.Text.Json.Nodes;
using Capstan.ApiServer.Admission.Policies;
using Capstan.Cel.Kubernetes.Admission;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Rules of ValidatingAdmissionPolicies.</summary>
internal sealed class ValidatingPolicyRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const int MostAnnotations = 20;
    private const int LongestAnnotation = 5 * 1024;
    private static readonly string[] FailurePolicies = ["Fail", "Ignore"];
    private static readonly string[] Reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

    private static readonly HashSet<string> ReservedWords =
    [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ];

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => Check(obj, null, errors);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        // A status may be written whatever the spec is.
        if (!JsonNode.DeepEquals(obj["spec"], old["spec"]))
        {
            Check(obj, old, errors);
        }
    }

    private static void Check(JsonObject obj, JsonObject? old, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        RuleValidation.CheckSupported(spec.At("failurePolicy"), "spec.failurePolicy", FailurePolicies, errors);
        if (spec.Map("paramKind") is { } kind)
        {
            CheckParamKind(kind, errors);
        }

        if (spec.Map("matchConstraints") is not { } constraints)
        {
            errors.Add(FieldErrors.Required("spec.matchConstraints"));
        }
        else
        {
            MatchResourcesValidation.Check(constraints, "spec.matchConstraints", errors);
            if (constraints.Items("resourceRules").Count == 0)
            {
                errors.Add(FieldErrors.Required("spec.matchConstraints.resourceRules"));
            }
        }

        var known = old.Items("spec", "matchConditions").Select(c => c.Text("expression") ?? "").ToHashSet();
        ExpressionValidation.CheckConditions(spec, spec.Map("paramKind") is not null, "spec", known, errors);
        CheckExpressions(obj, spec, old?["spec"], errors);
    }

    private static void CheckExpressions(JsonObject obj, JsonObject? spec, JsonNode? old, ICollection<FieldError> errors)
    {
        var source = PolicySource.Read(spec) with { MatchConditions = [] };
        var stored = PolicySource.Read(old);
        var variables = spec.Items("variables");
        for (var i = 0; i < variables.Count; i++)
        {
            CheckVariable(variables[i], source with { Variables = Before(source, i + 1), Validations = [], AuditAnnotations = [] }, $"spec.variables[{i}]", errors);
        }

        var (validations, annotations) = (spec.Items("validations"), spec.Items("auditAnnotations"));
        if (validations.Count == 0 && annotations.Count == 0)
        {
            errors.Add(FieldErrors.Required("spec.validations", "validations or auditAnnotations must contain at least one item"));
            errors.Add(FieldErrors.Required("spec.auditAnnotations", "validations or auditAnnotations must contain at least one item"));
        }

        for (var i = 0; i < validations.Count; i++)
        {
            var only = source with { Validations = [source.Validations[i]], AuditAnnotations = [] };
            CheckValidation(validations[i], only, stored.Validations.Any(v => v.Expression == only.Validations[0].Expression), $"spec.validations[{i}]", errors);
        }

        if (annotations.Count > MostAnnotations)
        {
            errors.Add(FieldErrors.Invalid("spec.auditAnnotations", spec.At("auditAnnotations"), $"must not have more than {MostAnnotations} auditAnnotations"));
        }

        var keys = new HashSet<string>();
        for (var i = 0; i < annotations.Count; i++)
        {
            var only = source with { Validations = [], AuditAnnotations = [source.AuditAnnotations[i]] };
            CheckAnnotation(obj, only, stored.AuditAnnotations.Any(a => a.Text == only.AuditAnnotations[0].Text), $"spec.auditAnnotations[{i}]", errors);
            if (!keys.Add(only.AuditAnnotations[0].Name))
            {
                errors.Add(FieldErrors.Duplicate($"spec.auditAnnotations[{i}].key", annotations[i].At("key")));
            }
        }
    }

    private static System.Collections.Immutable.ImmutableArray<NamedExpression> Before(AdmissionPolicySource source, int count) => [.. source.Variables.Take(count)];

    private static void CheckVariable(JsonNode? variable, AdmissionPolicySource source, string path, ICollection<FieldError> errors)
    {
        var (name, expression) = (variable.Text("name") ?? "", variable.Text("expression") ?? "");
        if (string.IsNullOrWhiteSpace(name))
        {
            errors.Add(FieldErrors.Required($"{path}.name", "name is not specified"));
        }
        else if (ReservedWords.Contains(name) || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            errors.Add(FieldErrors.Invalid($"{path}.name", name, "must be a valid CEL identifier"));
        }

        if (string.IsNullOrWhiteSpace(expression))
        {
            errors.Add(FieldErrors.Required($"{path}.expression", "expression is not specified"));
        }
        else if (ExpressionValidation.Fault(source, isStored: false, name) is { } fault)
        {
            errors.Add(FieldErrors.Invalid($"{path}.expression", expression, fault));
        }
    }

    private static void CheckValidation(JsonNode? validation, AdmissionPolicySource source, bool isStored, string path, ICollection<FieldError> errors)
    {
        var expression = validation.Text("expression") ?? "";
        if (string.IsNullOrWhiteSpace(expression))
        {
            errors.Add(FieldErrors.Required($"{path}.expression", "expression is not specified"));
        }
        else if (ExpressionValidation.Fault(source, isStored, "validations[0]") is { } fault)
        {
            errors.Add(FieldErrors.Invalid($"{path}.expression", expression, fault));
        }

        if (validation.Text("messageExpression") is { Length: > 0 } computed)
        {
            if (string.IsNullOrWhiteSpace(computed))
            {
                errors.Add(FieldErrors.Invalid($"{path}.messageExpression", computed, "must be non-empty if specified"));
            }
            else if (ExpressionValidation.Fault(source, isStored, "messageExpressions[0]") is { } fault)
            {
                errors.Add(FieldErrors.Invalid($"{path}.messageExpression", computed, fault));
            }
        }

        if (validation.Text("message") is { Length: > 0 } message)
        {
            if (string.IsNullOrWhiteSpace(message))
            {
                errors.Add(FieldErrors.Invalid($"{path}.message", message, "must be non-empty if specified"));
            }
            else if (message.Trim().AsSpan().ContainsAny('\n', '\r'))
            {
                errors.Add(FieldErrors.Invalid($"{path}.message", message, "must not contain line breaks"));
            }
        }

        if (validation.At("reason") is { } reason)
        {
            RuleValidation.CheckSupported(reason, $"{path}.reason", Reasons, errors);
        }
    }

    private static void CheckAnnotation(JsonObject obj, AdmissionPolicySource source, bool isStored, string path, ICollection<FieldError> errors)
    {
        var (key, expression) = (source.AuditAnnotations[0].Name, source.AuditAnnotations[0].Text);
        var full = $"{obj.Text("metadata", "name")}/{key}";
        MetadataRules.Add(errors, $"{path}.key", full, LabelSyntax.KeyFaults(full));
        if (string.IsNullOrWhiteSpace(expression))
        {
            errors.Add(FieldErrors.Required($"{path}.valueExpression", "valueExpression is not specified"));
        }
        else if (expression.Trim().Length > LongestAnnotation)
        {
            errors.Add(FieldErrors.Required($"{path}.valueExpression", $"must not exceed {LongestAnnotation} bytes in length"));
        }
        else if (ExpressionValidation.Fault(source, isStored, key) is { } fault)
        {
            errors.Add(FieldErrors.Invalid($"{path}.valueExpression", expression, fault));
        }
    }

    private static void CheckParamKind(JsonObject kind, ICollection<FieldError> errors)
    {
        var (apiVersion, name) = (kind.Text("apiVersion") ?? "", kind.Text("kind") ?? "");
        var parsed = GroupVersionKind.Parse(apiVersion, name);
        if (apiVersion.Length == 0)
        {
            errors.Add(FieldErrors.Required("spec.paramKind.apiVersion"));
        }
        else if (parsed.Version.Contains('/', StringComparison.Ordinal))
        {
            errors.Add(FieldErrors.Invalid("spec.paramKind.apiVersion", apiVersion, $"unexpected GroupVersion string: {apiVersion}"));
        }
        else
        {
            if (parsed.Group.Length > 0 && Naming.SubdomainFaults(parsed.Group) is { Count: > 0 } groupFaults)
            {
                errors.Add(FieldErrors.Invalid("spec.paramKind.apiVersion", parsed.Group, string.Join(',', groupFaults)));
            }

            if (parsed.Version.Length == 0)
            {
                errors.Add(FieldErrors.Invalid("spec.paramKind.apiVersion", apiVersion, "version must be specified"));
            }
            else if (Naming.Label1035Faults(parsed.Version) is { Count: > 0 } versionFaults)
            {
                errors.Add(FieldErrors.Invalid("spec.paramKind.apiVersion", parsed.Version, string.Join(',', versionFaults)));
            }
        }

        if (name.Length == 0)
        {
            errors.Add(FieldErrors.Required("spec.paramKind.kind"));
        }
        else if (Naming.Label1035Faults(name.ToLowerInvariant()) is { Count: > 0 } kindFaults)
        {
            errors.Add(FieldErrors.Invalid("spec.paramKind.kind", name, $"may have mixed case, but should otherwise match: {string.Join(',', kindFaults)}"));
        }
    }
}
