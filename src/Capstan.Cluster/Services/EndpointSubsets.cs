using System.Text.Json;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>Subsets in one canonical form: as few as possible, each address with all ports that it has. Pure.</summary>
internal static class EndpointSubsets
{
    /// <summary>The most addresses of one Endpoints.</summary>
    public const int Capacity = 1000;

    /// <summary>Brings together what has the same addresses. An address that is not ready at a port is not ready there, whatever else is said.</summary>
    public static List<EndpointSubset> Repack(IEnumerable<EndpointSubset> subsets)
    {
        var addresses = new SortedDictionary<(string Ip, string Uid), EndpointAddress>(Comparer<(string, string)>.Create(static (one, other) =>
            string.CompareOrdinal(one.Item1, other.Item1) is not 0 and var byIp ? byIp : string.CompareOrdinal(one.Item2, other.Item2)));
        var ports = new Dictionary<SubsetPort, SortedDictionary<(string Ip, string Uid), bool>>();
        foreach (var subset in subsets)
        {
            // Addresses without ports are kept too.
            foreach (var port in subset.Ports is { Count: > 0 } list ? list : [new SubsetPort { Port = -1 }])
            {
                if (!ports.TryGetValue(port, out var ready))
                {
                    ports[port] = ready = new(addresses.Comparer);
                }

                foreach (var (address, isReady) in (subset.Addresses ?? []).Select(one => (one, true)).Concat((subset.NotReadyAddresses ?? []).Select(one => (one, false))))
                {
                    var key = (address.Ip, address.TargetRef?.Uid ?? "");
                    addresses.TryAdd(key, address);
                    ready[key] = isReady && ready.GetValueOrDefault(key, true);
                }
            }
        }

        return [.. ports
            .GroupBy(port => string.Join('\n', port.Value.Select(one => $"{one.Key.Ip}|{one.Key.Uid}|{one.Value}")))
            .OrderBy(group => group.Min(port => port.Key.Port))
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new EndpointSubset
            {
                Addresses = NoneIfEmpty(group.First().Value.Where(one => one.Value).Select(one => addresses[one.Key])),
                NotReadyAddresses = NoneIfEmpty(group.First().Value.Where(one => !one.Value).Select(one => addresses[one.Key])),
                Ports = NoneIfEmpty(group.Select(port => port.Key).Where(port => port.Port > 0).OrderBy(port => port.Port).ThenBy(port => port.Name, StringComparer.Ordinal).ThenBy(port => port.Protocol, StringComparer.Ordinal)),
            })];
    }

    /// <summary>Cuts what is more than <see cref="Capacity"/>: first of those that are not ready, each subset in proportion.</summary>
    /// <returns>Whether anything was cut.</returns>
    public static bool Truncate(List<EndpointSubset> subsets)
    {
        var (ready, notReady) = (subsets.Sum(subset => subset.Addresses?.Count ?? 0), subsets.Sum(subset => subset.NotReadyAddresses?.Count ?? 0));
        if (ready + notReady <= Capacity)
        {
            return false;
        }

        var cutsReady = ready > Capacity;
        var (room, total) = cutsReady ? (Capacity, ready) : (Capacity - ready, notReady);
        var left = room;
        foreach (var subset in subsets)
        {
            var list = (cutsReady ? subset.Addresses : subset.NotReadyAddresses) ?? [];
            List<EndpointAddress> kept = [.. list.Take(Math.Min(left, (int)Math.Ceiling((double)list.Count / total * room)))];
            left -= kept.Count;
            (subset.Addresses, subset.NotReadyAddresses) = cutsReady ? (NoneIfEmpty(kept), null) : (subset.Addresses, NoneIfEmpty(kept));
        }

        return true;
    }

    /// <summary>For comparison: versions of the pods do not count.</summary>
    public static string Text(List<EndpointSubset> subsets) => JsonSerializer.Serialize(
        new Endpoints
        {
            Subsets = [.. subsets.Select(subset => subset with { Addresses = WithoutVersions(subset.Addresses), NotReadyAddresses = WithoutVersions(subset.NotReadyAddresses) })],
        },
        KindsJson.Default.Endpoints);

    private static List<EndpointAddress>? WithoutVersions(List<EndpointAddress>? addresses) =>
        addresses?.ConvertAll(address => address.TargetRef is { ResourceVersion: not null } reference ? address with { TargetRef = reference with { ResourceVersion = null } } : address);

    private static List<T>? NoneIfEmpty<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } list ? list : null;
}
