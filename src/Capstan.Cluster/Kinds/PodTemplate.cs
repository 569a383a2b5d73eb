using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Cluster.Kinds;

/// <summary>The pods that a workload makes.</summary>
internal sealed record PodTemplate
{
    public ObjectMeta Metadata { get; set; } = new();

    public PodSpec Spec { get; set; } = new();

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }

    /// <summary>A pod of this template: labels, annotations and finalizers are the template's, the rest of its metadata is the caller's.</summary>
    /// <remarks>A copy: what is changed in it does not change the template.</remarks>
    public Pod ToPod(string @namespace, OwnerReference owner)
    {
        var copy = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(this, KindsJson.Default.PodTemplate), KindsJson.Default.PodTemplate)!;
        return new Pod
        {
            Metadata = new()
            {
                Namespace = @namespace, Labels = copy.Metadata.Labels, Annotations = copy.Metadata.Annotations, Finalizers = copy.Metadata.Finalizers,
                OwnerReferences = [owner],
            },
            Spec = copy.Spec,
        };
    }
}
