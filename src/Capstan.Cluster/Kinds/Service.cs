using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Cluster.Kinds;

/// <summary>v1 Service.</summary>
internal sealed record Service : KubeObject, IKubeObject<Service>
{
    public static ResourceType Resource { get; } = new("", "v1", "Service", "services", Namespaced: true);

    public static JsonTypeInfo<Service> JsonTypeInfo => KindsJson.Default.Service;

    public ServiceSpec Spec { get; set; } = new();

    /// <summary>One without an address of its own: its pods' addresses are its.</summary>
    [JsonIgnore]
    public bool IsHeadless => Spec.ClusterIP is null or "" or "None";
}

internal sealed record ServiceSpec
{
    public string? Type { get; set; }

    /// <summary>Labels of the pods behind it. Null: whoever made the Service says where it leads; empty: all pods.</summary>
    public Dictionary<string, string>? Selector { get; set; }

    [JsonPropertyName("clusterIP")]
    public string? ClusterIP { get; set; }

    public List<string>? IpFamilies { get; set; }

    public bool? PublishNotReadyAddresses { get; set; }

    public List<ServicePort>? Ports { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }
}

internal sealed record ServicePort
{
    public string? Name { get; set; }

    public string? Protocol { get; set; }

    public string? AppProtocol { get; set; }

    public int Port { get; set; }

    /// <summary>A number, or the name that the pod's containers give to one.</summary>
    public IntOrString? TargetPort { get; set; }

    public int? NodePort { get; set; }
}
