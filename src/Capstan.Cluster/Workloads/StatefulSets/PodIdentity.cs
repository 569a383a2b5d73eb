using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Revisions;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>What makes a pod the one of its ordinal: its name, its labels, its claims. Pure.</summary>
internal sealed class PodIdentity(StatefulSet set, OwnerReference reference)
{
    public const string RevisionLabel = "controller-revision-hash";

    private const string NameLabel = "statefulset.kubernetes.io/pod-name";
    private const string IndexLabel = "apps.kubernetes.io/pod-index";

    /// <summary>The ordinal that a name says; null if it is no name of the set's pods.</summary>
    public static int? OrdinalOf(StatefulSet set, string pod) =>
        pod.Length > set.Key.Name.Length + 1 && pod.StartsWith(set.Key.Name, StringComparison.Ordinal) && pod[set.Key.Name.Length] == '-'
        && int.TryParse(pod.AsSpan(set.Key.Name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) && Name(set, ordinal) == pod
            ? ordinal : null;

    public static string RevisionOf(Pod pod) => pod.Metadata.Labels?.GetValueOrDefault(RevisionLabel) ?? "";

    public static string TemplateName(JsonObject claimTemplate) => (string?)claimTemplate["metadata"]?["name"] ?? "";

    /// <summary>Name of the claim that a pod has of a template.</summary>
    public static string ClaimName(JsonObject claimTemplate, string pod) => $"{TemplateName(claimTemplate)}-{pod}";

    /// <summary>The pod of an ordinal, as it is to be made of a revision.</summary>
    public Pod NewPod(int ordinal, ControllerRevision revision)
    {
        var pod = RevisionData.TemplateOf(revision).ToPod(set.Key.Namespace, reference);
        pod.Metadata.Name = Name(set, ordinal);

        // Nobody needs it, but Kubernetes says it.
        pod.Metadata.GenerateName = PodWrites.Prefix(set.Key.Name);
        SetLabels(pod);
        SetVolumes(pod);
        pod.Metadata.Labels![RevisionLabel] = revision.Key.Name;
        pod.Spec.Hostname = pod.Metadata.Name;
        pod.Spec.Subdomain = string.IsNullOrEmpty(set.Spec.ServiceName) ? null : set.Spec.ServiceName;
        return pod;
    }

    /// <summary>Gives a pod back what it must have.</summary>
    /// <returns>Whether it lacked any of it.</returns>
    public bool Repair(Pod pod)
    {
        var hasLabels = pod.Metadata.Labels?.GetValueOrDefault(NameLabel) == pod.Key.Name;
        if (!hasLabels)
        {
            SetLabels(pod);
        }

        return !hasLabels | SetVolumes(pod);
    }

    /// <summary>Whether a pod uses its claims.</summary>
    public bool HasVolumes(Pod pod) => Claimed().All(claim => pod.Spec.Volumes?.Exists(volume =>
        (string?)volume["name"] == TemplateName(claim) && (string?)volume["persistentVolumeClaim"]?["claimName"] == ClaimName(claim, pod.Key.Name)) == true);

    /// <summary>The claims that a pod must have, as they are to be made.</summary>
    public IEnumerable<JsonObject> ClaimsOf(Pod pod)
    {
        foreach (var template in Claimed())
        {
            var claim = template.DeepClone().AsObject();
            var metadata = claim["metadata"]!.AsObject();
            metadata["name"] = ClaimName(template, pod.Key.Name);
            metadata["namespace"] = set.Key.Namespace;
            var labels = metadata["labels"] as JsonObject ?? [];
            foreach (var (name, value) in set.Spec.Selector?.Written["matchLabels"] as JsonObject ?? [])
            {
                labels[name] = value?.DeepClone();
            }

            metadata["labels"] = labels;
            yield return claim;
        }
    }

    private static string Name(StatefulSet set, int ordinal) => $"{set.Key.Name}-{ordinal.ToString(CultureInfo.InvariantCulture)}";

    private IEnumerable<JsonObject> Claimed() => (set.Spec.VolumeClaimTemplates ?? []).Where(static claim => claim["metadata"] is JsonObject);

    private void SetLabels(Pod pod)
    {
        var labels = pod.Metadata.Labels ??= [];
        labels[NameLabel] = pod.Key.Name;
        labels[IndexLabel] = pod.Key.Name[(set.Key.Name.Length + 1)..];
    }

    private bool SetVolumes(Pod pod)
    {
        if (HasVolumes(pod))
        {
            return false;
        }

        var own = Claimed().Select(claim => new JsonObject
        {
            ["name"] = TemplateName(claim), ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = ClaimName(claim, pod.Key.Name) },
        }).ToList();
        pod.Spec.Volumes = [.. own, .. (pod.Spec.Volumes ?? []).Where(volume => !own.Exists(claim => (string?)claim["name"] == (string?)volume["name"]))];
        return true;
    }
}
