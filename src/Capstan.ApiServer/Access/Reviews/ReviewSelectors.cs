using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Access.Reviews;

/// <summary>The selectors that a question about a list may have. They are checked, and decide nothing: RBAC knows no selectors.</summary>
internal static class ReviewSelectors
{
    private const string Root = "spec.resourceAttributes";

    /// <summary>Adds what makes a selector wrong.</summary>
    public static void Check(JsonObject? resource, ICollection<FieldError> errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["fieldSelector", "labelSelector"])
        {
            if (resource.Map(name) is not { } selector)
            {
                continue;
            }

            var path = $"{Root}.{name}";
            var (raw, requirements) = (selector.Text("rawSelector") ?? "", selector.Items("requirements"));
            if (raw.Length > 0 && requirements.Count > 0)
            {
                errors.Add(FieldErrors.Invalid($"{path}.rawSelector", raw, "may not specified at the same time as requirements"));
            }
            else if (raw.Length == 0 && requirements.Count == 0)
            {
                errors.Add(FieldErrors.Required($"{path}.requirements", $"when {path} is specified, requirements or rawSelector is required"));
            }

            for (var i = 0; i < requirements.Count; i++)
            {
                CheckRequirement(requirements[i], $"{path}.requirements[{i}]", isLabel: name == "labelSelector", errors);
            }
        }
    }

    /// <summary>Why a selector that is not wrong cannot be used; null when all can.</summary>
    public static string? EvaluationError(JsonObject? resource)
    {
        var faults = new List<string>();
        if (resource.Items("fieldSelector", "requirements").Any(r => r.Text("operator") is not ("In" or "NotIn") || r.Items("values").Count != 1))
        {
            faults.Add($"{Root}.fieldSelector ignored due to parse error");
        }

        if (resource.Items("labelSelector", "requirements").Any(r => r.Text("operator") is not ("In" or "NotIn" or "Exists" or "DoesNotExist")))
        {
            faults.Add($"{Root}.labelSelector ignored due to parse error");
        }

        return faults.Count == 0 ? null : string.Join(", ", faults);
    }

    private static void CheckRequirement(JsonNode? requirement, string path, bool isLabel, ICollection<FieldError> errors)
    {
        var values = requirement.Items("values");
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn" when values.Count == 0:
                errors.Add(FieldErrors.Required($"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"));
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                errors.Add(FieldErrors.Forbidden($"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                break;
        }

        var key = requirement.Text("key") ?? "";
        if (isLabel)
        {
            MetadataRules.Add(errors, $"{path}.key", key, LabelSyntax.KeyFaults(key));
        }
        else if (key.Length == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.key", "must be specified"));
        }
    }
}
