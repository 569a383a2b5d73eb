using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>What the specs of workloads have in common: the selector, the template that it must match, and counts of pods in the status.</summary>
internal static class WorkloadValidation
{
    /// <summary>The selector must be there, be well formed, and select something in particular.</summary>
    public static void CheckSelector(Place selector, string kind)
    {
        if (!selector.Exists)
        {
            selector.Required();
            return;
        }

        selector.Selector();
        if (SelectsAll(selector))
        {
            selector.Invalid($"empty selector is invalid for {kind}");
        }
    }

    /// <summary>Whether everything is selected.</summary>
    public static bool SelectsAll(Place selector) => selector.Exists && selector["matchLabels"].Count + selector["matchExpressions"].Count == 0;

    /// <summary>Whether a selector can be read at all. None can.</summary>
    public static bool IsReadable(Place selector)
    {
        try
        {
            return selector.Value is not JsonObject given || LabelSelector.From(given) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The labels of a template must be selected. Without a selector nothing is.</summary>
    public static void CheckSelected(Place selector, Place template)
    {
        var labels = template["metadata"]["labels"];
        if (selector.Value is not JsonObject given || !LabelSelector.From(given).Matches((labels.Value as JsonObject)?.ToDictionary(l => l.Key, l => l.Value.Text() ?? "")))
        {
            labels.Invalid("`selector` does not match template `labels`");
        }
    }

    /// <summary>The template of pods that always run must be such as <paramref name="kind"/> can run.</summary>
    public static void CheckEndless(Place template, string kind)
    {
        template["spec"]["restartPolicy"].OneOf("Always");
        if (template["spec"]["activeDeadlineSeconds"].Exists)
        {
            template["spec"]["activeDeadlineSeconds"].Forbidden($"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    /// <summary>The faults of Deployments and ReplicaSets: selector and template.</summary>
    public static void CheckSelectorAndTemplate(Place spec)
    {
        CheckSelector(spec["selector"], "deployment");
        if (!IsReadable(spec["selector"]))
        {
            spec["selector"].Invalid("invalid label selector");
            return;
        }

        CheckSelected(spec["selector"], spec["template"]);
        CheckTemplate(spec["template"]);
        CheckEndless(spec["template"], "ReplicaSet");
    }

    /// <summary>The faults of a template itself.</summary>
    public static void CheckTemplate(Place template) => PodValidation.CheckTemplate(template.Value as JsonObject, template.Path, template.Errors);

    /// <summary>Counts in a status must not be negative.</summary>
    public static void CheckCounts(Place status, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            status[field].NotNegative();
        }
    }

    /// <summary>No count may be above that of all pods.</summary>
    public static void CheckAtMostReplicas(Place status, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (status[field].Number > status["replicas"].Number)
            {
                status[field].Invalid(status[field].Number, "cannot be greater than status.replicas");
            }
        }
    }

    /// <summary>No more may be available than are ready.</summary>
    public static void CheckAvailable(Place status, string ready = "readyReplicas")
    {
        if (status["availableReplicas"].Number > status["readyReplicas"].Number)
        {
            status["availableReplicas"].Invalid(status["availableReplicas"].Number, $"cannot be greater than {ready}");
        }
    }

    /// <summary>The count of collisions only grows.</summary>
    public static void CheckCollisions(Place status, JsonObject old)
    {
        if (old.Number("status", "collisionCount") is { } before && (status["collisionCount"].Value.Number() is not { } now || now < before))
        {
            status["collisionCount"].Invalid(status["collisionCount"].Number, "cannot be decremented");
        }
    }

    /// <summary>Names of most workloads may have dots, though those of their pods had better not.</summary>
    public static void WarnOfName(JsonObject obj, ICollection<string> warnings)
    {
        if (Naming.LabelFaults(obj.Text("metadata", "name") ?? "") is { Count: > 0 } faults)
        {
            warnings.Add($"metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [{string.Join(' ', faults)}]");
        }
    }
}
