using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.AdmissionRegistration;

/// <summary>Faults of rules that say which requests are meant.</summary>
internal static class RuleValidation
{
    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    private static readonly string[] Scopes = ["*", "Cluster", "Namespaced"];

    /// <summary>A list of rules.</summary>
    public static void Check(IList<JsonNode?> rules, string path, ICollection<FieldError> errors)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            CheckNames(rules[i].Items("resourceNames"), $"{path}[{i}].resourceNames", errors);
            Check(rules[i], $"{path}[{i}]", errors);
        }
    }

    private static void CheckNames(IList<JsonNode?> names, string path, ICollection<FieldError> errors)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i].Text() ?? "";
            MetadataRules.Add(errors, $"{path}[{i}]", name, Naming.PathSegment(name, false));
            if (!seen.Add(name))
            {
                errors.Add(FieldErrors.Duplicate($"{path}[{i}]", names[i]));
            }
        }
    }

    private static void Check(JsonNode? rule, string path, ICollection<FieldError> errors)
    {
        CheckList(rule, path, "operations", "operations", errors);
        var operations = rule.Items("operations");
        for (var i = 0; i < operations.Count; i++)
        {
            CheckSupported(operations[i], $"{path}.operations[{i}]", Operations, errors);
        }

        CheckList(rule, path, "apiGroups", "API groups", errors);
        CheckList(rule, path, "apiVersions", "API versions", errors);
        CheckNotEmpty(rule.Items("apiVersions"), $"{path}.apiVersions", errors);
        CheckResources(rule, $"{path}.resources", errors);
        if (rule.At("scope") is { } scope)
        {
            CheckSupported(scope, $"{path}.scope", Scopes, errors);
        }
    }

    /// <summary>A value that must be one of few.</summary>
    public static void CheckSupported(JsonNode? value, string path, string[] supported, ICollection<FieldError> errors)
    {
        if (!supported.Contains(value.Text()))
        {
            errors.Add(FieldErrors.NotSupported(path, value, supported));
        }
    }

    private static void CheckList(JsonNode? rule, string path, string field, string what, ICollection<FieldError> errors)
    {
        var items = rule.Items(field);
        if (items.Count == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.{field}"));
        }
        else if (items.Count > 1 && items.Any(item => item.Text() == "*"))
        {
            errors.Add(FieldErrors.Invalid($"{path}.{field}", rule.At(field), $"if '*' is present, must not specify other {what}"));
        }
    }

    private static void CheckNotEmpty(IList<JsonNode?> items, string path, ICollection<FieldError> errors)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (string.IsNullOrEmpty(items[i].Text()))
            {
                errors.Add(FieldErrors.Required($"{path}[{i}]"));
            }
        }
    }

    private static void CheckResources(JsonNode? rule, string path, ICollection<FieldError> errors)
    {
        var items = rule.Items("resources");
        if (items.Count == 0)
        {
            errors.Add(FieldErrors.Required(path));
        }

        var (allSubresources, allResources) = (new HashSet<string>(), new HashSet<string>());
        var hasPlain = false;
        for (var i = 0; i < items.Count; i++)
        {
            var text = items[i].Text() ?? "";
            if (text.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}]"));
                continue;
            }

            if (text.Split('/', 2) is not [var resource, var subresource])
            {
                // As Kubernetes has it: the last of them counts.
                hasPlain = text != "*";
                continue;
            }

            if (allSubresources.Contains(resource))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}]", text, $"if '{resource}/*' is present, must not specify {text}"));
            }

            if (allResources.Contains(subresource))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}]", text, $"if '*/{subresource}' is present, must not specify {text}"));
            }

            _ = subresource == "*" && allSubresources.Add(resource);
            _ = resource == "*" && allResources.Add(subresource);
        }

        if (items.Count > 1 && items.Any(item => item.Text() == "*/*"))
        {
            errors.Add(FieldErrors.Invalid(path, rule.At("resources"), "if '*/*' is present, must not specify other resources"));
        }

        if (hasPlain && items.Any(item => item.Text() == "*"))
        {
            errors.Add(FieldErrors.Invalid(path, rule.At("resources"), "if '*' is present, must not specify other resources without subresources"));
        }
    }
}
