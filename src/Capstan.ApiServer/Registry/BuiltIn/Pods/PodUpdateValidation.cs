using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Faults of a change of a Pod: almost all of its spec is decided when it is made.</summary>
internal static class PodUpdateValidation
{
    /// <summary>Adds the faults.</summary>
    public static void Check(JsonObject pod, JsonObject old, ICollection<FieldError> errors)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if (pod.Items("spec", list).Count != old.Items("spec", list).Count)
            {
                errors.Add(FieldErrors.Forbidden($"spec.{list}", "pod updates may not add or remove containers"));
                return;
            }
        }

        CheckDeadline(pod, old, errors);
        CheckTolerations(pod, old, errors);
        if (!JsonNode.DeepEquals(Fixed(pod, old), old["spec"]))
        {
            errors.Add(FieldErrors.Forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
        }
    }

    private static void CheckDeadline(JsonObject pod, JsonObject old, ICollection<FieldError> errors)
    {
        const string path = "spec.activeDeadlineSeconds";
        if (old.Number("spec", "activeDeadlineSeconds") is not { } before)
        {
            return;
        }

        switch (pod.Number("spec", "activeDeadlineSeconds"))
        {
            case null:
                errors.Add(FieldErrors.Invalid(path, (JsonNode?)null, "must not update from a positive integer to nil value"));
                break;
            case { } now when now > before:
                errors.Add(FieldErrors.Invalid(path, now, "must be less than or equal to previous value"));
                break;
        }
    }

    private static void CheckTolerations(JsonObject pod, JsonObject old, ICollection<FieldError> errors)
    {
        static JsonObject WithoutSeconds(JsonNode? toleration)
        {
            var copy = toleration?.DeepClone() as JsonObject ?? [];
            copy.Remove("tolerationSeconds");
            return copy;
        }

        var now = pod.Items("spec", "tolerations").Select(WithoutSeconds).ToList();
        if (!old.Items("spec", "tolerations").All(before => now.Any(n => JsonNode.DeepEquals(n, WithoutSeconds(before)))))
        {
            errors.Add(FieldErrors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"));
        }
    }

    /// <summary>The new spec with everything put back that may change.</summary>
    private static JsonObject Fixed(JsonObject pod, JsonObject old)
    {
        var spec = pod.Map("spec")?.DeepClone().AsObject() ?? [];
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var containers = spec.Items(list);
            for (var i = 0; i < containers.Count; i++)
            {
                if (containers[i] is JsonObject container)
                {
                    container["image"] = old.Items("spec", list)[i].At("image")?.DeepClone();
                }
            }
        }

        PutBack(spec, old, "activeDeadlineSeconds");
        PutBack(spec, old, "tolerations");
        if (old.Number("spec", "terminationGracePeriodSeconds") is < 0 && spec.Number("terminationGracePeriodSeconds") == 1)
        {
            PutBack(spec, old, "terminationGracePeriodSeconds");
        }

        return spec;
    }

    private static void PutBack(JsonObject spec, JsonObject old, string field)
    {
        if (old.At("spec", field) is { } value)
        {
            spec[field] = value.DeepClone();
        }
        else
        {
            spec.Remove(field);
        }
    }
}
