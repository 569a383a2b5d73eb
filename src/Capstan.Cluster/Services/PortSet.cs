using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Ports by which endpoints are grouped: in any order they are the same.</summary>
internal static class PortSet
{
    public static string KeyOf(IEnumerable<EndpointPort>? ports) =>
        string.Join('\n', (ports ?? []).Select(port => $"{port.Name}|{port.Protocol}|{port.Port}|{port.AppProtocol}").Order(StringComparer.Ordinal));
}
