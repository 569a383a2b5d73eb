using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Capstan.Applying;

namespace Capstan.Cluster.Kinds;

/// <summary>discovery.k8s.io/v1 EndpointSlice: some of the addresses behind a Service, all with the same ports.</summary>
internal sealed record EndpointSlice : KubeObject, IKubeObject<EndpointSlice>
{
    public const string ServiceName = "kubernetes.io/service-name";
    public const string ManagedBy = "endpointslice.kubernetes.io/managed-by";

    public static ResourceType Resource { get; } = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Namespaced: true);

    public static JsonTypeInfo<EndpointSlice> JsonTypeInfo => KindsJson.Default.EndpointSlice;

    public string AddressType { get; set; } = "";

    public List<Endpoint>? Endpoints { get; set; }

    public List<EndpointPort>? Ports { get; set; }
}

internal sealed record Endpoint
{
    public List<string> Addresses { get; set; } = [];

    public EndpointConditions? Conditions { get; set; }

    public string? Hostname { get; set; }

    public ObjectReference? TargetRef { get; set; }

    public string? NodeName { get; set; }

    public string? Zone { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownFields { get; set; }

    /// <summary>What tells it from the others behind the same Service.</summary>
    [JsonIgnore]
    public EndpointIdentity Identity => new(string.Join(',', Addresses.Order(StringComparer.Ordinal)), Hostname ?? "", TargetRef?.Namespace ?? "", TargetRef?.Name ?? "");

    /// <summary>Whether nothing that is told of it besides its identity is different.</summary>
    public bool SaysTheSame(Endpoint other) =>
        NodeName == other.NodeName && Zone == other.Zone && Conditions == other.Conditions && (TargetRef is null ? other.TargetRef is null : other.TargetRef is { } reference && TargetRef with { ResourceVersion = null } == reference with { ResourceVersion = null });
}

internal readonly record struct EndpointIdentity(string Addresses, string Hostname, string Namespace, string Name);

internal sealed record EndpointConditions
{
    public bool? Ready { get; set; }

    public bool? Serving { get; set; }

    public bool? Terminating { get; set; }
}

internal sealed record EndpointPort
{
    public string? Name { get; set; }

    public string? Protocol { get; set; }

    public int? Port { get; set; }

    public string? AppProtocol { get; set; }
}
