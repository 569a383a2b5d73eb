using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Faults of a pod's spec, wherever it stands, in the order in which Kubernetes finds them.</summary>
internal static class PodValidation
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] DnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

    /// <summary>Adds the faults of a template: of its labels, its annotations and its spec.</summary>
    public static void CheckTemplate(JsonObject? template, string path, ICollection<FieldError> errors, IReadOnlyList<string>? moreVolumes = null)
    {
        MetadataRules.CheckLabels(template.Map("metadata", "labels"), $"{path}.labels", errors);
        MetadataRules.CheckAnnotations(template.Map("metadata", "annotations"), $"{path}.annotations", errors);
        CheckSpec(template.Map("spec"), $"{path}.spec", errors, moreVolumes);
    }

    /// <summary>Adds the faults of a spec.</summary>
    public static void CheckSpec(JsonObject? spec, string path, ICollection<FieldError> errors, IReadOnlyList<string>? moreVolumes = null)
    {
        var volumes = CheckVolumes(spec.Items("volumes"), $"{path}.volumes", errors);
        volumes.UnionWith(moreVolumes ?? []);
        var containers = spec.Items("containers");
        if (containers.Count == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.containers"));
        }

        var hostNetwork = spec.Flag("hostNetwork") == true;
        HashSet<string> names = [];
        ContainerValidation.Check(containers, $"{path}.containers", volumes, names, hostNetwork, errors);
        ContainerValidation.Check(spec.Items("initContainers"), $"{path}.initContainers", volumes, names, hostNetwork, errors);
        CheckWord(spec, "restartPolicy", RestartPolicies, path, errors);
        CheckWord(spec, "dnsPolicy", DnsPolicies, path, errors);
        if (spec.Number("terminationGracePeriodSeconds") is < 0 && path != "spec")
        {
            errors.Add(FieldErrors.Invalid($"{path}.terminationGracePeriodSeconds", spec.At("terminationGracePeriodSeconds"), "must be greater than or equal to 0"));
        }

        CheckHost(spec, path, errors);
        MetadataRules.CheckLabels(spec.Map("nodeSelector"), $"{path}.nodeSelector", errors);
        CheckName(spec, "serviceAccountName", Naming.SubdomainFaults, path, errors);
        CheckName(spec, "nodeName", Naming.SubdomainFaults, path, errors);
        if (spec.Number("activeDeadlineSeconds") is < 1 or > int.MaxValue)
        {
            errors.Add(FieldErrors.Invalid($"{path}.activeDeadlineSeconds", spec.At("activeDeadlineSeconds"), "must be between 1 and 2147483647, inclusive"));
        }

        CheckName(spec, "hostname", Naming.LabelFaults, path, errors);
        CheckName(spec, "subdomain", Naming.LabelFaults, path, errors);
        CheckTolerations(spec.Items("tolerations"), $"{path}.tolerations", errors);
        CheckName(spec, "priorityClassName", Naming.SubdomainFaults, path, errors);
        CheckName(spec, "runtimeClassName", Naming.SubdomainFaults, path, errors);
        if (spec.Text("os", "name") is { } os && os is not ("linux" or "windows"))
        {
            errors.Add(FieldErrors.NotSupported($"{path}.os", os, ["linux", "windows"]));
        }
    }

    /// <summary>Adds the faults that only a Pod itself has, after all others.</summary>
    public static void CheckPod(JsonObject pod, ICollection<FieldError> errors)
    {
        CheckSpec(pod.Map("spec"), "spec", errors);
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var containers = pod.Items("spec", list);
            for (var i = 0; i < containers.Count; i++)
            {
                var image = containers[i].Text("image") ?? "";
                if (image.Trim().Length != image.Length)
                {
                    errors.Add(FieldErrors.Invalid($"spec.{list}[{i}].image", image, "must not have leading or trailing whitespace"));
                }
            }
        }
    }

    private static void CheckWord(JsonObject? spec, string field, string[] words, string path, ICollection<FieldError> errors)
    {
        var word = spec.Text(field);
        if (string.IsNullOrEmpty(word))
        {
            if (spec is not null && spec.Items("containers").Count > 0)
            {
                errors.Add(FieldErrors.Required($"{path}.{field}"));
            }
        }
        else if (!words.Contains(word))
        {
            errors.Add(FieldErrors.NotSupported($"{path}.{field}", word, words));
        }
    }

    private static void CheckHost(JsonObject? spec, string path, ICollection<FieldError> errors)
    {
        if (spec.Flag("shareProcessNamespace") == true && spec.Flag("hostPID") == true)
        {
            errors.Add(FieldErrors.Invalid($"{path}.securityContext.shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled"));
        }
    }

    private static void CheckName(JsonObject? spec, string field, Func<string, IReadOnlyList<string>> rule, string path, ICollection<FieldError> errors)
    {
        if (spec.Text(field) is { Length: > 0 } name)
        {
            MetadataRules.Add(errors, $"{path}.{field}", name, rule(name));
        }
    }

    /// <summary>Adds the faults of volumes; answers their names, so that mounts can be judged.</summary>
    private static HashSet<string> CheckVolumes(IList<JsonNode?> volumes, string path, ICollection<FieldError> errors)
    {
        HashSet<string> names = [];
        for (var i = 0; i < volumes.Count; i++)
        {
            var name = volumes[i].Text("name") ?? "";
            var sources = (volumes[i] as JsonObject ?? []).Count(f => f.Key != "name" && f.Value is not null);
            if (sources > 1)
            {
                errors.Add(FieldErrors.Forbidden($"{path}[{i}].{(volumes[i] as JsonObject)!.Where(f => f.Key != "name").ElementAt(1).Key}", "may not specify more than 1 volume type"));
            }

            CheckSource(volumes[i], $"{path}[{i}]", errors);
            if (name.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].name"));
            }
            else if (Naming.LabelFaults(name) is { Count: > 0 } faults)
            {
                MetadataRules.Add(errors, $"{path}[{i}].name", name, faults);
            }
            else if (!names.Add(name))
            {
                errors.Add(FieldErrors.Duplicate($"{path}[{i}].name", name));
            }
        }

        return names;
    }

    private static void CheckSource(JsonNode? volume, string path, ICollection<FieldError> errors)
    {
        foreach (var (source, field) in (ReadOnlySpan<(string, string)>)[("secret", "secretName"), ("configMap", "name"), ("persistentVolumeClaim", "claimName"), ("hostPath", "path")])
        {
            if (volume.Map(source) is not { } given)
            {
                continue;
            }

            if (string.IsNullOrEmpty(given.Text(field)))
            {
                errors.Add(FieldErrors.Required($"{path}.{source}.{field}"));
            }

            if (given.Number("defaultMode") is < 0 or > 511)
            {
                errors.Add(FieldErrors.Invalid($"{path}.{source}.defaultMode", given.At("defaultMode"), "must be a number between 0 and 0777 (octal), both inclusive"));
            }
        }
    }

    private static void CheckTolerations(IList<JsonNode?> tolerations, string path, ICollection<FieldError> errors)
    {
        for (var i = 0; i < tolerations.Count; i++)
        {
            var toleration = tolerations[i];
            var key = toleration.Text("key") ?? "";
            if (key.Length > 0)
            {
                MetadataRules.Add(errors, $"{path}[{i}].key", key, Selectors.LabelSyntax.KeyFaults(key));
            }

            if (key.Length == 0 && toleration.Text("operator") != "Exists")
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].operator", toleration.Text("operator") ?? "", "operator must be Exists when `key` is empty, which means \"match all values and all keys\""));
            }

            if (toleration.At("tolerationSeconds") is not null && toleration.Text("effect") != "NoExecute")
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].effect", toleration.Text("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
            }
        }
    }
}
