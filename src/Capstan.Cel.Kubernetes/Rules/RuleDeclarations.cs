using System.Globalization;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>What is wrong with the rules of a schema, as Kubernetes says of a CustomResourceDefinition: how they are written, then what they mean.</summary>
internal sealed class RuleDeclarations
{
    private static readonly string[] Reasons =
        [FieldErrorReasons.Duplicate, FieldErrorReasons.Forbidden, FieldErrorReasons.Invalid, FieldErrorReasons.Required];

    private readonly HashSet<Schema> _outer = [];
    private readonly List<FieldError> _writing = [];
    private readonly List<FieldError> _meaning = [];

    private RuleDeclarations()
    {
    }

    public static IReadOnlyList<FieldError> Check(Schema schema, RuleNode? node, string path)
    {
        var declarations = new RuleDeclarations();
        declarations.Check(schema, new(node), path, null);
        return [.. declarations._writing, .. declarations._meaning];
    }

    // uncorrelatable: the outermost list around whose items have no old values.
    private void Check(Schema schema, Place place, string path, string? uncorrelatable)
    {
        if (!_outer.Add(schema))
        {
            return;
        }

        var before = _writing.Count;
        CheckInner(schema, place, path, uncorrelatable);
        var rules = ValidationRule.Of(schema);
        for (var i = 0; i < rules.Length; i++)
        {
            CheckWriting(rules[i], schema, PathOf(path, i));
        }

        // Of a schema that is wrong itself, what its expressions mean would only confuse.
        if (_writing.Count == before && place.IsCompiled && rules.Length > 0)
        {
            CheckMeaning(rules, place.Node, path, uncorrelatable);
        }

        _outer.Remove(schema);
    }

    private void CheckInner(Schema schema, Place place, string path, string? uncorrelatable)
    {
        if (schema.AdditionalProperties is { } values)
        {
            Check(values, place.Of(place.Node?.Values), $"{path}.additionalProperties", uncorrelatable);
        }

        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, Schema>())
        {
            Check(property, place.Of(place.Node?.Fields.GetValueOrDefault(name)), $"{path}.properties[{name}]", uncorrelatable);
        }

        if (schema.Not is { } not)
        {
            Check(not, Place.Uncompiled, $"{path}.not", uncorrelatable);
        }

        CheckAll(schema.AllOf, $"{path}.allOf", uncorrelatable);
        CheckAll(schema.OneOf, $"{path}.oneOf", uncorrelatable);
        CheckAll(schema.AnyOf, $"{path}.anyOf", uncorrelatable);
        if (schema.Items is { } items)
        {
            Check(items, place.Of(place.Node?.Items), $"{path}.items", schema.ListType == ListType.Map ? uncorrelatable : uncorrelatable ?? path);
        }
    }

    private void CheckAll(IReadOnlyList<Schema>? schemas, string path, string? uncorrelatable)
    {
        for (var i = 0; i < schemas?.Count; i++)
        {
            Check(schemas[i], Place.Uncompiled, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), uncorrelatable);
        }
    }

    private void CheckWriting(ValidationRule rule, Schema schema, string path)
    {
        var message = rule.Message.Trim();
        if (string.IsNullOrWhiteSpace(rule.Rule))
        {
            _writing.Add(FieldErrors.Required($"{path}.rule", "rule is not specified"));
        }
        else if (rule.Message.Length > 0 && message.Length == 0)
        {
            _writing.Add(FieldErrors.Invalid($"{path}.message", rule.Message, "must be non-empty if specified"));
        }
        else if (HasNewLines(message))
        {
            _writing.Add(FieldErrors.Invalid($"{path}.message", rule.Message, "must not contain line breaks"));
        }
        else if (HasNewLines(rule.Rule.Trim()) && message.Length == 0)
        {
            _writing.Add(FieldErrors.Required($"{path}.message", "message must be specified if rule contains line breaks"));
        }

        if (rule.MessageExpression.Length > 0 && string.IsNullOrWhiteSpace(rule.MessageExpression))
        {
            _writing.Add(FieldErrors.Required($"{path}.messageExpression", "messageExpression must be non-empty if specified"));
        }

        if (rule.Reason is { } reason && !Reasons.Contains(reason))
        {
            _writing.Add(FieldErrors.NotSupported($"{path}.reason", reason, Reasons));
        }

        CheckFieldPath(rule.FieldPath, schema, $"{path}.fieldPath");
    }

    private void CheckFieldPath(string fieldPath, Schema schema, string path)
    {
        if (fieldPath.Length == 0)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(fieldPath))
        {
            _writing.Add(FieldErrors.Invalid(path, fieldPath, "must be non-empty if specified"));
        }

        if (HasNewLines(fieldPath))
        {
            _writing.Add(FieldErrors.Invalid(path, fieldPath, "must not contain line breaks"));
        }

        if (RelativePath.Normalize(fieldPath, schema) is null)
        {
            _writing.Add(FieldErrors.Invalid(path, fieldPath, "must be a valid path"));
        }
    }

    private void CheckMeaning(ValidationRule[] rules, RuleNode? node, string path, string? uncorrelatable)
    {
        if (node is null or { Fault: not null })
        {
            _meaning.Add(new(
                "InternalError", $"{path}.x-kubernetes-validations",
                "Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: "
                + "unable to convert structural schema to CEL declarations"));
            return;
        }

        for (var i = 0; i < rules.Length; i++)
        {
            CheckMeaning(node.Rules[i], PathOf(path, i), uncorrelatable);
        }
    }

    private void CheckMeaning(CompiledRule compiled, string path, string? uncorrelatable)
    {
        var rule = compiled.Rule;
        if (compiled.Error is { } error)
        {
            _meaning.Add(Invalid($"{path}.rule", rule, error));
        }

        if (compiled.MessageError is { } messageError)
        {
            _meaning.Add(Invalid($"{path}.messageExpression", rule, messageError));
        }

        if (compiled.UsesOldSelf)
        {
            if (uncorrelatable is not null)
            {
                _meaning.Add(FieldErrors.Invalid(
                    $"{path}.rule", rule.Rule, $"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}"));
            }
        }
        else if (rule.OptionalOldSelf is { } optional)
        {
            _meaning.Add(FieldErrors.Invalid($"{path}.optionalOldSelf", optional, "may not be set if oldSelf is not used in rule"));
        }
    }

    private static FieldError Invalid(string path, ValidationRule rule, string detail) =>
        new(FieldErrorReasons.Invalid, path, $"Invalid value: {rule.ToGoJson()}: {detail}");

    private static string PathOf(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}.x-kubernetes-validations[{index}]");

    private static bool HasNewLines(string text) => text.AsSpan().IndexOfAny('\n', '\r') >= 0;

    /// <summary>Where the rules of a schema were compiled.</summary>
    private readonly record struct Place(RuleNode? Node, bool IsCompiled = true)
    {
        // Rules inside not, allOf, anyOf and oneOf are looked at no further there.
        public static Place Uncompiled { get; } = new(null, IsCompiled: false);

        public Place Of(RuleNode? inner) => IsCompiled ? new(inner) : Uncompiled;
    }
}
