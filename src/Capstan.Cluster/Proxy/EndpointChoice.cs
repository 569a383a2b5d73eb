using System.Net;

namespace Capstan.Cluster.Proxy;

/// <summary>Chooses who serves the next connection: each in turn, or for a client the one that served it before. Thread-safe.</summary>
internal sealed class EndpointChoice(TimeProvider time)
{
    // A client is an address: there are not many on one machine, but whoever makes them up must not fill the memory.
    private const int MostClients = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (IPEndPoint Server, long At)> _clients = [];
    private uint _turn;

    /// <summary>All servers in the order in which they are to be tried.</summary>
    public IReadOnlyList<IPEndPoint> Order(EndpointSet set, IPAddress client)
    {
        var all = set.Endpoints;
        if (all.Count == 0)
        {
            return [];
        }

        lock (_lock)
        {
            var first = set.Affinity is { } affinity && _clients.TryGetValue(client, out var last) && time.GetElapsedTime(last.At) < affinity && IndexOf(all, last.Server) is >= 0 and var known
                ? known
                : (int)(_turn++ % (uint)all.Count);
            return [.. all.Skip(first), .. all.Take(first)];
        }
    }

    /// <summary>Tells who served a client in the end.</summary>
    public void Served(EndpointSet set, IPAddress client, IPEndPoint server)
    {
        if (set.Affinity is null)
        {
            return;
        }

        lock (_lock)
        {
            if (_clients.Count >= MostClients && !_clients.ContainsKey(client))
            {
                _clients.Remove(_clients.MinBy(c => c.Value.At).Key);
            }

            _clients[client] = (server, time.GetTimestamp());
        }
    }

    private static int IndexOf(IReadOnlyList<IPEndPoint> all, IPEndPoint server)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Equals(server))
            {
                return i;
            }
        }

        return -1;
    }
}
