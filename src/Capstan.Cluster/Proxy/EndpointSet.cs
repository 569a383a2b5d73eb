using System.Net;

namespace Capstan.Cluster.Proxy;

/// <summary>The servers behind one port of a Service at one moment. Immutable.</summary>
/// <param name="Endpoints">In one order for the same servers, whatever order they were told in.</param>
/// <param name="Affinity">How long a client stays with its server; null when any serves any.</param>
internal sealed record EndpointSet(IReadOnlyList<IPEndPoint> Endpoints, TimeSpan? Affinity)
{
    public bool Equals(EndpointSet? other) => other is not null && Affinity == other.Affinity && Endpoints.SequenceEqual(other.Endpoints);

    public override int GetHashCode() => HashCode.Combine(Endpoints.Count, Affinity);
}
