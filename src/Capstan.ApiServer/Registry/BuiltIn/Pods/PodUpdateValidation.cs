using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Faults of a change of a Pod: almost all of its spec is decided when it is made.</summary>
internal static class PodUpdateValidation
{
    private const string Changeable = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    /// <summary>Adds the faults of annotations that may not change, and of all that mean something.</summary>
    public static void CheckAnnotations(JsonObject pod, JsonObject old, ICollection<FieldError> errors)
    {
        var place = new Place(pod, "", PodValidation.PodSchema, errors);
        var annotations = place["metadata"]["annotations"];
        AnnotationChecks.CheckUpdate(annotations, old.Map("metadata", "annotations"));
        AnnotationChecks.Check(annotations, new PodScope(place["spec"], IsPod: true, place["metadata"]["name"].Text));
    }

    /// <summary>Adds the faults of a changed spec.</summary>
    public static void Check(JsonObject pod, JsonObject old, ICollection<FieldError> errors)
    {
        var spec = new Place(pod, "", PodValidation.PodSchema, errors)["spec"];
        if (!CheckContainers(spec["containers"], old) || !CheckContainers(spec["initContainers"], old) || !CheckDeadline(spec["activeDeadlineSeconds"], old))
        {
            return;
        }

        CheckTolerations(spec["tolerations"], old);
        CheckGates(spec["schedulingGates"], old);
        var now = Fixed(pod, old);
        if (old.Items("spec", "schedulingGates").Count > 0)
        {
            GatedPods.Check(spec, now, old);
        }

        if (!JsonNode.DeepEquals(now, old.Map("spec")))
        {
            spec.Forbidden($"{Changeable}\n{InternalForm.Difference(old.Map("spec")!, now, spec.Schema)}");
        }
    }

    /// <summary>False: there is nothing to compare.</summary>
    private static bool CheckContainers(Place containers, JsonObject old)
    {
        if (containers.Count != old.Items(containers.Path.Split('.')).Count)
        {
            containers.Forbidden("pod updates may not add or remove containers");
            return false;
        }

        foreach (var container in containers.Items)
        {
            if (!container["image"].HasText)
            {
                container["image"].Required();
            }

            ContainerChecks.CheckImage(container);
        }

        return true;
    }

    private static bool CheckDeadline(Place deadline, JsonObject old)
    {
        var before = old.Number("spec", "activeDeadlineSeconds");
        if (!deadline.Exists)
        {
            if (before is not null)
            {
                deadline.Invalid("must not update from a positive integer to nil value");
            }

            return true;
        }

        if (deadline.Number is < 0 or > int.MaxValue)
        {
            deadline.Invalid("must be between 0 and 2147483647, inclusive");
            return false;
        }

        if (deadline.Number > before)
        {
            deadline.Invalid("must be less than or equal to previous value");
            return false;
        }

        return true;
    }

    private static void CheckTolerations(Place tolerations, JsonObject old)
    {
        static JsonObject WithoutSeconds(JsonNode? toleration)
        {
            var copy = toleration?.DeepClone() as JsonObject ?? [];
            copy.Remove("tolerationSeconds");
            return copy;
        }

        var now = tolerations.Items.Select(t => WithoutSeconds(t.Value)).ToList();
        if (!old.Items("spec", "tolerations").All(before => now.Any(n => JsonNode.DeepEquals(n, WithoutSeconds(before)))))
        {
            tolerations.Forbidden("existing toleration can not be modified except its tolerationSeconds");
            return;
        }

        SchedulingChecks.CheckTolerations(tolerations);
    }

    private static void CheckGates(Place gates, JsonObject old)
    {
        var known = old.Items("spec", "schedulingGates").Select(g => g.Text("name")).ToHashSet();
        foreach (var name in gates.Items.Select(g => g["name"]).Where(n => !known.Contains(n.Text)))
        {
            name.Forbidden($"only deletion is allowed, but found new scheduling gate '{name.Text}'");
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
        PutBack(spec, old, "schedulingGates");
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
