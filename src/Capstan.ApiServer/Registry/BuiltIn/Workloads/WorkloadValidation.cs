using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>What the specs of workloads have in common: numbers, the selector, and the template that it must match.</summary>
internal static class WorkloadValidation
{
    /// <summary>A number that may be absent must not be negative.</summary>
    public static void CheckNotNegative(JsonNode? spec, string field, ICollection<FieldError> errors, string path = "spec")
    {
        if (spec.Number(field) is < 0)
        {
            errors.Add(FieldErrors.Invalid($"{path}.{field}", spec.At(field), "must be greater than or equal to 0"));
        }
    }

    /// <summary>The selector must be there, be well formed, and select something in particular.</summary>
    public static void CheckSelector(JsonObject? spec, string kind, ICollection<FieldError> errors)
    {
        if (spec.Map("selector") is not { } selector)
        {
            errors.Add(FieldErrors.Required("spec.selector"));
            return;
        }

        MetadataRules.CheckSelector(selector, "spec.selector", errors);
        if ((selector.Map("matchLabels")?.Count ?? 0) == 0 && selector.Items("matchExpressions").Count == 0)
        {
            errors.Add(FieldErrors.Invalid("spec.selector", selector, $"empty selector is invalid for {kind}"));
        }
    }

    /// <summary>The template's labels must be selected, and its pods must be such as a workload runs.</summary>
    /// <param name="spec">Spec of the workload.</param>
    /// <param name="errors">Receives the faults.</param>
    /// <param name="moreVolumes">Names of volumes that the pods get beside those of the template.</param>
    public static void CheckTemplate(JsonObject? spec, ICollection<FieldError> errors, IReadOnlyList<string>? moreVolumes = null)
    {
        const string path = "spec.template";
        var selector = spec.Map("selector");
        var labels = spec.Map("template", "metadata", "labels");
        if (!Matches(selector, labels))
        {
            errors.Add(FieldErrors.Invalid($"{path}.metadata.labels", labels, "`selector` does not match template `labels`"));
        }

        PodValidation.CheckTemplate(spec.Map("template"), path, errors, moreVolumes);
        var policy = spec.Text("template", "spec", "restartPolicy");
        if (policy is not null && policy != "Always")
        {
            errors.Add(FieldErrors.NotSupported($"{path}.spec.restartPolicy", policy, ["Always"]));
        }

        if (spec.At("template", "spec", "activeDeadlineSeconds") is not null)
        {
            errors.Add(FieldErrors.Forbidden($"{path}.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"));
        }
    }

    /// <summary>A number, or a percentage of the pods: well formed and not above everything.</summary>
    public static void CheckNumberOrPercent(JsonNode? value, string path, bool atMostAll, ICollection<FieldError> errors)
    {
        switch (value?.GetValueKind())
        {
            case JsonValueKind.Number when value.Number() is < 0:
                errors.Add(FieldErrors.Invalid(path, value, "must be greater than or equal to 0"));
                break;
            case JsonValueKind.String when Percent(value) is not { } percent:
                errors.Add(FieldErrors.Invalid(path, value, Naming.Mismatch("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%")));
                break;
            case JsonValueKind.String when atMostAll && Percent(value) > 100:
                errors.Add(FieldErrors.Invalid(path, value, "must not be greater than 100%"));
                break;
        }
    }

    /// <summary>Whether a number or percentage is none.</summary>
    public static bool IsZero(JsonNode? value) => value is null || value.Number() == 0 || Percent(value) == 0;

    private static long? Percent(JsonNode? value) =>
        value.Text() is { Length: > 1 } text && text[^1] == '%' && text[..^1].All(char.IsAsciiDigit)
            && long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
            ? percent
            : null;

    private static bool Matches(JsonObject? selector, JsonObject? labels)
    {
        // Without a selector nothing matches; an empty one matches, and is refused for itself.
        if (selector is null)
        {
            return false;
        }

        try
        {
            return LabelSelector.From(selector).Matches(labels?.ToDictionary(l => l.Key, l => l.Value.Text() ?? ""));
        }
        catch (FormatException)
        {
            // Told among the faults of the selector.
            return true;
        }
    }
}
