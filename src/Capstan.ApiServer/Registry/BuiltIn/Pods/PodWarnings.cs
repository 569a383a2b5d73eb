using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>What is told of a pod, or of a template, that is accepted but will surprise somebody.</summary>
internal static class PodWarnings
{
    private const string NullSelector = "a null labelSelector results in matching no pod";
    private const string SeccompOfPod = "seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompOfContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string AppArmor = "container.apparmor.security.beta.kubernetes.io/";
    private static readonly (string Key, string Message)[] Annotations =
    [
        ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
        ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
        ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ];

    private static readonly (string Volume, string Shown, string Message)[] Volumes =
    [
        ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
        ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    /// <summary>Of a new Pod: also that its name makes no good host name.</summary>
    public static void OfPod(Place pod, ICollection<string> warnings)
    {
        var name = pod["metadata"]["name"].Text;
        if (Naming.LabelFaults(name) is { Count: > 0 } faults)
        {
            warnings.Add($"metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [{string.Join(' ', faults)}]");
        }

        OfTemplate(pod, warnings, isTemplate: false);
    }

    /// <summary>Of a template, or of what a Pod has in common with one.</summary>
    /// <param name="template">Where metadata and spec stand.</param>
    /// <param name="warnings">Receives the texts.</param>
    /// <param name="isTemplate">Whether it is a template.</param>
    public static void OfTemplate(Place template, ICollection<string> warnings, bool isTemplate = true)
    {
        var (spec, annotations) = (template["spec"], template["metadata"]["annotations"]);
        OfNodes(spec, warnings);
        foreach (var (key, message) in Annotations.Where(a => annotations[a.Key].Exists))
        {
            warnings.Add($"{annotations.Path}[{key}]: {message}");
        }

        OfVolumes(spec["volumes"], warnings);
        OfLists(spec, warnings);
        OfFractions(spec["overhead"], warnings);
        if (!spec["securityContext"]["seccompProfile"].Exists && annotations[SeccompOfPod].Exists)
        {
            warnings.Add($"{annotations.Path}[{SeccompOfPod}]: non-functional in v1.27+; use the \"seccompProfile\" field instead");
        }

        foreach (var container in new PodScope(spec, !isTemplate, "").Containers)
        {
            OfContainer(container, annotations, spec, isTemplate, warnings);
        }

        PortWarnings.Of(new PodScope(spec, !isTemplate, ""), warnings);
        if (spec["terminationGracePeriodSeconds"].Number < 0)
        {
            warnings.Add($"{spec["terminationGracePeriodSeconds"].Path}: must be >= 0; negative values are invalid and will be treated as 1");
        }

        OfAffinity(spec["affinity"], warnings);
        foreach (var warning in spec["dnsConfig"]["nameservers"].Items.Concat(spec["hostAliases"].Items.Select(a => a["ip"])).SelectMany(Addresses.Warnings))
        {
            warnings.Add(warning);
        }
    }

    private static void OfNodes(Place spec, ICollection<string> warnings)
    {
        foreach (var (key, place) in spec["nodeSelector"].Entries)
        {
            if (DeprecatedNodeLabels.Of(key) is { } message)
            {
                warnings.Add($"{place.Path}: {message}");
            }
        }

        var affinity = spec["affinity"]["nodeAffinity"];
        var terms = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].Items
            .Concat(affinity["preferredDuringSchedulingIgnoredDuringExecution"].Items.Select(t => t["preference"]));
        foreach (var key in terms.SelectMany(t => t["matchExpressions"].Items).Select(e => e["key"]))
        {
            if (DeprecatedNodeLabels.Of(key.Text) is { } message)
            {
                warnings.Add($"{key.Path}: {key.Text} is {message}");
            }
        }

        foreach (var constraint in spec["topologySpreadConstraints"].Items)
        {
            if (DeprecatedNodeLabels.Of(constraint["topologyKey"].Text) is { } message)
            {
                warnings.Add($"{constraint["topologyKey"].Path}: {constraint["topologyKey"].Text} is {message}");
            }

            OfSelector(constraint["labelSelector"], warnings);
        }
    }

    private static void OfSelector(Place selector, ICollection<string> warnings)
    {
        if (!selector.Exists)
        {
            warnings.Add($"{selector.Path}: {NullSelector}");
        }
    }

    private static void OfVolumes(Place volumes, ICollection<string> warnings)
    {
        foreach (var volume in volumes.Items)
        {
            foreach (var (field, shown, message) in Volumes.Where(v => volume[v.Volume].Exists))
            {
                warnings.Add($"{volume.Path}.{shown}: {message}");
            }

            foreach (var warning in ClaimChecks.WarningsOf(volume["ephemeral"]["volumeClaimTemplate"]["spec"]))
            {
                warnings.Add(warning);
            }
        }

        OverlapWarnings.Of(volumes, warnings);
    }

    private static void OfLists(Place spec, ICollection<string> warnings)
    {
        foreach (var (list, field, what) in ((string, string, string)[])[("hostAliases", "ip", "ip"), ("imagePullSecrets", "name", "name")])
        {
            HashSet<string> seen = [];
            foreach (var item in spec[list].Items.Select(i => i[field]).Where(i => !seen.Add(i.Text)))
            {
                warnings.Add($"{item.Path}: duplicate {what} {GoFormat.Quote(item.Text)}");
            }
        }

        foreach (var name in spec["imagePullSecrets"].Items.Select(s => s["name"]).Where(n => !n.HasText))
        {
            warnings.Add($"{name.Path}: invalid empty name \"\"");
        }
    }

    private static void OfFractions(Place list, ICollection<string> warnings)
    {
        foreach (var name in (string[])["memory", "ephemeral-storage"])
        {
            if (ResourceLists.Of(list[name].Value) is { } amount && !BuiltIn.Checks.Amounts.IsWhole(amount))
            {
                warnings.Add($"{list.Path}[{name}]: fractional byte value {GoFormat.Quote(amount.ToString())} is invalid, must be an integer");
            }
        }
    }

    private static void OfContainer(Place container, Place annotations, Place spec, bool isTemplate, ICollection<string> warnings)
    {
        var (name, context) = (container["name"].Text, container["securityContext"]);
        if (!context["seccompProfile"].Exists && annotations[SeccompOfContainer + name].Exists)
        {
            warnings.Add($"{annotations.Path}[{SeccompOfContainer}{name}]: non-functional in v1.27+; use the \"seccompProfile\" field instead");
        }

        if (isTemplate && !context["appArmorProfile"].Exists && annotations[AppArmor + name].Exists && !spec["securityContext"]["appArmorProfile"].Exists)
        {
            warnings.Add($"{annotations.Path}[{AppArmor}{name}]: deprecated since v1.30; use the \"appArmorProfile\" field instead");
        }

        var resources = container["resources"];
        foreach (var field in (string[])["memory", "ephemeral-storage"])
        {
            foreach (var list in (string[])["limits", "requests"])
            {
                if (ResourceLists.Of(resources[list][field].Value) is { } amount && !BuiltIn.Checks.Amounts.IsWhole(amount))
                {
                    warnings.Add($"{resources[list].Path}[{field}]: fractional byte value {GoFormat.Quote(amount.ToString())} is invalid, must be an integer");
                }
            }
        }

        // A later definition may build on an earlier one; one that does not makes it useless.
        HashSet<string> seen = [];
        foreach (var variable in container["env"].Items.Where(v => !seen.Add(v["name"].Text)))
        {
            var reference = $"$({variable["name"].Text})";
            if (variable["valueFrom"].Exists || variable["value"].Text == reference || !variable["value"].Text.Contains(reference, StringComparison.Ordinal))
            {
                warnings.Add($"{variable.Path}: hides previous definition of {GoFormat.Quote(variable["name"].Text)}, which may be dropped when using apply");
            }
        }
    }

    private static void OfAffinity(Place affinity, ICollection<string> warnings)
    {
        foreach (var side in (string[])["podAffinity", "podAntiAffinity"])
        {
            foreach (var term in affinity[side]["requiredDuringSchedulingIgnoredDuringExecution"].Items)
            {
                OfSelector(term["labelSelector"], warnings);
            }

            foreach (var term in affinity[side]["preferredDuringSchedulingIgnoredDuringExecution"].Items)
            {
                OfSelector(term["podAffinityTerm"]["labelSelector"], warnings);
            }
        }
    }
}
