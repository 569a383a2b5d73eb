using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;
using Capstan.Kinds;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Faults of a pod's spec, wherever it stands, in the order in which Kubernetes finds them.</summary>
internal static class PodValidation
{
    private static readonly string[] DnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

    /// <summary>Structure of a Pod.</summary>
    public static Schema PodSchema { get; } = BuiltInKinds.SchemaOf(new("", "v1", "Pod"))!;

    /// <summary>Adds the faults of a template: of its labels, its annotations and its spec.</summary>
    public static void CheckTemplate(JsonObject? template, string path, ICollection<FieldError> errors, IReadOnlyList<string>? moreVolumes = null)
    {
        MetadataRules.CheckLabels(template.Map("metadata", "labels"), $"{path}.labels", errors);
        MetadataRules.CheckAnnotations(template.Map("metadata", "annotations"), $"{path}.annotations", errors);
        var place = new Place(template, path, PodSchema, errors);
        var scope = new PodScope(place["spec"], IsPod: false, "") { MoreVolumes = moreVolumes ?? [] };
        AnnotationChecks.Check(place["metadata"]["annotations"].As($"{path}.annotations"), scope);
        CheckSpec(scope);
        AnnotationChecks.CheckSeccompAgrees(place["metadata"]["annotations"], scope);
        if (place["spec"]["ephemeralContainers"].Count > 0)
        {
            place["spec"]["ephemeralContainers"].Forbidden("ephemeral containers not allowed in pod template");
        }
    }

    /// <summary>Adds the faults of a Pod, new or changed, beyond its metadata.</summary>
    public static void CheckPod(JsonObject pod, ICollection<FieldError> errors)
    {
        var place = new Place(pod, "", PodSchema, errors);
        var spec = place["spec"];
        var scope = new PodScope(spec, IsPod: true, place["metadata"]["name"].Text);
        AnnotationChecks.Check(place["metadata"]["annotations"], scope);
        CheckSpec(scope);
        if (!spec["serviceAccountName"].HasText)
        {
            foreach (var token in spec["volumes"].Items.SelectMany(v => v["projected"]["sources"].Items).Select(s => s["serviceAccountToken"]).Where(t => t.Exists))
            {
                token.Forbidden("must not be specified when serviceAccountName is not set");
            }
        }

        foreach (var container in spec["containers"].Items.Concat(spec["initContainers"].Items))
        {
            ContainerChecks.CheckImage(container);
        }
    }

    /// <summary>Adds the faults that only a new Pod has, after all others.</summary>
    public static void CheckNewPod(JsonObject pod, ICollection<FieldError> errors)
    {
        CheckPod(pod, errors);
        var place = new Place(pod, "", PodSchema, errors);
        var spec = place["spec"];
        if (spec["ephemeralContainers"].Count > 0)
        {
            spec["ephemeralContainers"].Forbidden("cannot be set on create");
        }

        if (spec["nodeName"].HasText && spec["schedulingGates"].Count > 0)
        {
            spec["nodeName"].Forbidden("cannot be set until all schedulingGates have been cleared");
        }

        var scope = new PodScope(spec, IsPod: true, place["metadata"]["name"].Text);
        AnnotationChecks.CheckSeccompAgrees(place["metadata"]["annotations"], scope);
        AnnotationChecks.CheckAppArmorAgrees(place["metadata"]["annotations"], scope);
    }

    private static void CheckSpec(PodScope scope)
    {
        var spec = scope.Spec;
        if (!spec["terminationGracePeriodSeconds"].Exists && spec["containers"].Count > 0)
        {
            spec["terminationGracePeriodSeconds"].Required();
        }

        PodVolumeChecks.Check(scope);
        ClaimReferenceChecks.Check(scope);
        ContainerChecks.Check(scope);
        ResourceChecks.CheckPod(scope);
        CheckHostPorts(scope);
        CheckWord(spec, "restartPolicy", "Always", "OnFailure", "Never");
        CheckWord(spec, "dnsPolicy", DnsPolicies);
        spec["nodeSelector"].Labels();
        SecurityChecks.CheckPod(scope);
        AffinityChecks.Check(spec["affinity"]);
        DnsChecks.CheckConfig(spec);
        foreach (var gate in spec["readinessGates"].Items)
        {
            gate["conditionType"].Follows(LabelSyntax.KeyFaults);
        }

        SchedulingChecks.CheckGates(spec["schedulingGates"]);
        SchedulingChecks.CheckSpread(spec["topologySpreadConstraints"]);
        WindowsChecks.CheckHostProcesses(scope);
        SecurityChecks.CheckHostUsers(scope);
        DnsChecks.CheckHostname(spec);
        CheckNames(spec);
        WindowsChecks.CheckSystem(scope);
        if (spec["schedulingGroup"] is { Exists: true } group)
        {
            CheckGroup(group["podGroupName"]);
        }

        EnvironmentChecks.CheckFiles(scope);
    }

    private static void CheckNames(Place spec)
    {
        spec["serviceAccountName"].NoneOrFollows(Naming.SubdomainFaults);
        spec["nodeName"].NoneOrFollows(Naming.SubdomainFaults);
        if (spec["activeDeadlineSeconds"] is { Exists: true, Number: < 1 or > int.MaxValue } deadline)
        {
            deadline.Invalid("must be between 1 and 2147483647, inclusive");
        }

        spec["hostname"].NoneOrFollows(Naming.LabelFaults);
        spec["subdomain"].NoneOrFollows(Naming.LabelFaults);
        SchedulingChecks.CheckTolerations(spec["tolerations"]);
        DnsChecks.CheckAliases(spec["hostAliases"]);
        spec["priorityClassName"].NoneOrFollows(Naming.SubdomainFaults);
        if (spec["runtimeClassName"].Exists)
        {
            spec["runtimeClassName"].Follows(Naming.SubdomainFaults);
        }

        if (spec["preemptionPolicy"].Exists)
        {
            spec["preemptionPolicy"].RequiredOneOf("PreemptLowerPriority", "Never");
        }

        // Told as if they were limits.
        foreach (var (name, amount) in spec["overhead"].Entries)
        {
            var limit = amount.As($"{spec.Path}.overhead.limits[{name}]");
            ResourceNames.CheckOfContainer(limit, name);
            ResourceNames.CheckAmount(limit, name);
        }
    }

    private static void CheckGroup(Place name)
    {
        if (name.Exists)
        {
            name.Follows(Naming.SubdomainFaults);
        }
        else
        {
            name.Invalid("must specify one of: `podGroupName`");
        }
    }

    // Where nothing was sent nothing is said of what would have been defaulted.
    private static void CheckWord(Place spec, string field, params string[] words)
    {
        if (spec["containers"].Count > 0 || spec[field].HasText)
        {
            spec[field].RequiredOneOf(words);
        }
    }

    private static void CheckHostPorts(PodScope scope)
    {
        if (!scope.Spec["hostNetwork"].Flag)
        {
            return;
        }

        foreach (var port in scope.Spec["containers"].Items.SelectMany(c => c["ports"].Items))
        {
            var host = port["hostPort"];
            if ((scope.IsPod || host.Number != 0) && host.Number != port["containerPort"].Number)
            {
                host.Invalid(host.Number, "must match `containerPort` when `hostNetwork` is true");
            }
        }
    }
}
