using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Pods;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Faults of the spec of a StatefulSet.</summary>
internal static class StatefulSetValidation
{
    /// <summary>Adds the faults.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="isNew">Whether what never changes is judged too.</param>
    /// <param name="checksTemplate">Whether the pods of the template are judged.</param>
    public static void Check(Place spec, bool isNew, bool checksTemplate)
    {
        var management = spec["podManagementPolicy"];
        if (!management.HasText)
        {
            management.Required();
        }
        else if (management.Text is not ("OrderedReady" or "Parallel"))
        {
            management.Invalid("must be 'OrderedReady' or 'Parallel'");
        }

        CheckStrategy(spec["updateStrategy"]);
        foreach (var field in (ReadOnlySpan<string>)["whenDeleted", "whenScaled"])
        {
            spec["persistentVolumeClaimRetentionPolicy"][field].OneOf("Retain", "Delete");
        }

        if (isNew)
        {
            foreach (var claim in spec["volumeClaimTemplates"].Items)
            {
                ClaimChecks.CheckSpec(claim["spec"]);
            }
        }

        spec["replicas"].NotNegative();
        spec["minReadySeconds"].NotNegative();
        spec["ordinals"]["start"].NotNegative();
        if (isNew)
        {
            spec["serviceName"].NoneOrFollows(Naming.LabelFaults);
        }

        WorkloadValidation.CheckSelector(spec["selector"], "statefulset");
        if (!WorkloadValidation.IsReadable(spec["selector"]))
        {
            spec["selector"].Invalid("");
        }
        else
        {
            CheckTemplate(spec, checksTemplate);
        }

        WorkloadValidation.CheckEndless(spec["template"], "StatefulSet");
    }

    private static void CheckStrategy(Place strategy)
    {
        var rolling = strategy["rollingUpdate"];
        switch (strategy["type"].Text)
        {
            case "":
                strategy.Required();
                break;
            case "OnDelete" when rolling.Exists:
                rolling.Invalid("only allowed for updateStrategy 'RollingUpdate'");
                break;
            case "OnDelete":
                break;
            case "RollingUpdate":
                rolling["partition"].NotNegative();
                break;
            default:
                strategy.Invalid("must be 'RollingUpdate' or 'OnDelete'");
                break;
        }
    }

    private static void CheckTemplate(Place spec, bool checksPods)
    {
        var template = spec["template"];
        WorkloadValidation.CheckSelected(spec["selector"], template);
        if (checksPods)
        {
            // Each pod gets a volume of each claim's name, and a host name of its own.
            var pods = template.Value?.DeepClone() as JsonObject;
            pods.Map("spec")?.Remove("hostname");
            pods.Map("spec")?.Remove("subdomain");
            PodValidation.CheckTemplate(pods, template.Path, template.Errors, [.. spec["volumeClaimTemplates"].Items.Select(c => c["metadata"]["name"].Text)]);
        }

        MetadataRules.CheckLabels(template["metadata"]["labels"].Value as JsonObject, $"{template.Path}.labels", template.Errors);
        MetadataRules.CheckAnnotations(template["metadata"]["annotations"].Value as JsonObject, $"{template.Path}.annotations", template.Errors);
    }
}
