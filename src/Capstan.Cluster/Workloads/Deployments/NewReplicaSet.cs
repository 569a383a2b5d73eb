using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Hashes;

namespace Capstan.Cluster.Workloads.Deployments;

/// <summary>The set that a Deployment makes for its template: its name says which template. Pure.</summary>
internal static class NewReplicaSet
{
    private const int NameLength = 253;

    /// <summary>The set, without size and annotations.</summary>
    public static ReplicaSet Of(Deployment deployment, OwnerReference reference)
    {
        var hash = SafeHash.OfTemplate(GoDump.Of(TemplateText.Plain(TemplateText.Fields(deployment.Spec.Template))), deployment.Status?.CollisionCount);
        var template = Copy(deployment.Spec.Template);
        (template.Metadata.Labels ??= [])[TemplateText.HashLabel] = hash;
        return new()
        {
            Metadata = new()
            {
                Name = Name(deployment.Key.Name, hash), Namespace = deployment.Key.Namespace, Labels = new(template.Metadata.Labels), OwnerReferences = [reference],
            },
            Spec = new() { MinReadySeconds = deployment.Spec.MinReadySeconds, Selector = Narrowed(deployment.Spec.Selector, hash), Template = template },
        };
    }

    private static string Name(string deployment, string hash) => $"{deployment[..Math.Min(deployment.Length, NameLength - 1 - hash.Length)]}-{hash}";

    private static WorkloadSelector Narrowed(WorkloadSelector? selector, string hash)
    {
        var written = selector?.Written.DeepClone().AsObject() ?? [];
        if (written["matchLabels"] is not JsonObject labels)
        {
            written["matchLabels"] = labels = [];
        }

        labels[TemplateText.HashLabel] = hash;
        return new(written);
    }

    private static PodTemplate Copy(PodTemplate template) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(template, KindsJson.Default.PodTemplate), KindsJson.Default.PodTemplate)!;
}
