using System.Text.Json.Serialization.Metadata;
using Capstan.Applying;

namespace Capstan.Cluster.Kinds;

/// <summary>v1 Endpoints: all addresses behind a Service in one object, as before there were EndpointSlices.</summary>
internal sealed record Endpoints : KubeObject, IKubeObject<Endpoints>
{
    public static ResourceType Resource { get; } = new("", "v1", "Endpoints", "endpoints", Namespaced: true);

    public static JsonTypeInfo<Endpoints> JsonTypeInfo => KindsJson.Default.Endpoints;

    public List<EndpointSubset>? Subsets { get; set; }
}

/// <summary>Addresses, each of which has all of the ports.</summary>
internal sealed record EndpointSubset
{
    public List<EndpointAddress>? Addresses { get; set; }

    public List<EndpointAddress>? NotReadyAddresses { get; set; }

    public List<SubsetPort>? Ports { get; set; }
}

internal sealed record EndpointAddress
{
    public string Ip { get; set; } = "";

    public string? Hostname { get; set; }

    public string? NodeName { get; set; }

    public ObjectReference? TargetRef { get; set; }
}

internal sealed record SubsetPort
{
    public string? Name { get; set; }

    public int Port { get; set; }

    public string? Protocol { get; set; }

    public string? AppProtocol { get; set; }
}
