using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Storage;

namespace Capstan.ApiServer.Registry.BuiltIn.Services;

/// <summary>Knows which cluster addresses and node ports Services have, and finds free ones. Cluster addresses are loopback addresses, so that a
/// Service can be reached from the machine.</summary>
/// <remarks>Follows the store: an address is taken from the moment its Service is stored until it goes. What was handed out a moment ago and is not stored yet
/// is not handed out again either. Safe for any number of threads.</remarks>
internal sealed class ServiceAddresses
{
    private const uint First = 0x7F600000; // 127.96.0.0
    private const int Count = 1 << 20;
    private const int FirstNodePort = 30000;
    private const int NodePortCount = 2768;
    private const int RememberedOffers = 256;

    private static readonly GroupResource Resource = new("", "services");
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly Dictionary<uint, int> _addresses = [];
    private readonly Dictionary<long, int> _nodePorts = [];
    private readonly Queue<uint> _offeredAddresses = new();
    private readonly Queue<long> _offeredPorts = new();

    /// <param name="store">Holds the Services; those in it count at once.</param>
    /// <param name="random">Picks addresses; used under the lock only.</param>
    public ServiceAddresses(Store store, Random random)
    {
        _random = random;
        store.Observe(Resource, change => Track(change.Before, change.After));
        foreach (var stored in store.Read(Resource).Objects.From(default))
        {
            Track(null, stored);
        }
    }

    /// <summary>A free cluster address.</summary>
    public string NextAddress()
    {
        lock (_lock)
        {
            uint address;
            do
            {
                // The first and the last address of a range are not given to anybody.
                address = First + (uint)_random.Next(2, Count - 1);
            }
            while (_addresses.ContainsKey(address) || _offeredAddresses.Contains(address));

            Remember(_offeredAddresses, address);
            return new IPAddress(BitConverter.IsLittleEndian ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(address) : address).ToString();
        }
    }

    /// <summary>A free node port; 0 when there is none.</summary>
    public int NextNodePort()
    {
        lock (_lock)
        {
            var start = _random.Next(NodePortCount);
            for (var i = 0; i < NodePortCount; i++)
            {
                long port = FirstNodePort + (start + i) % NodePortCount;
                if (!_nodePorts.ContainsKey(port) && !_offeredPorts.Contains(port))
                {
                    Remember(_offeredPorts, port);
                    return (int)port;
                }
            }

            return 0;
        }
    }

    /// <summary>Why a cluster address that was asked for cannot be had; null when it can.</summary>
    public string? Refusal(string address)
    {
        if (Number(address) is not { } number || number < First || number >= First + Count)
        {
            return "the provided network does not match the current range";
        }

        lock (_lock)
        {
            return _addresses.ContainsKey(number) ? "provided IP is already allocated" : null;
        }
    }

    /// <summary>Why a node port that was asked for cannot be had; null when it can.</summary>
    public string? Refusal(long nodePort)
    {
        if (nodePort is < FirstNodePort or >= FirstNodePort + NodePortCount)
        {
            return string.Create(CultureInfo.InvariantCulture, $"provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{FirstNodePort + NodePortCount - 1}");
        }

        lock (_lock)
        {
            return _nodePorts.ContainsKey(nodePort) ? "provided port is already allocated" : null;
        }
    }

    private static void Remember<T>(Queue<T> offered, T value)
    {
        offered.Enqueue(value);
        if (offered.Count > RememberedOffers)
        {
            offered.Dequeue();
        }
    }

    private void Track(StoredObject? before, StoredObject? after)
    {
        var (old, now) = (Parse(before), Parse(after));
        lock (_lock)
        {
            Add(old, -1);
            Add(now, 1);
        }
    }

    private void Add(JsonNode? service, int change)
    {
        foreach (var address in service.Items("spec", "clusterIPs").Select(a => Number(a.Text())).OfType<uint>())
        {
            AddTo(_addresses, address, change);
        }

        // One number may serve several protocols of one Service.
        foreach (var port in service.Items("spec", "ports").Select(p => p.Number("nodePort")).OfType<long>().Append(service.Number("spec", "healthCheckNodePort") ?? 0).Where(p => p > 0))
        {
            AddTo(_nodePorts, port, change);
        }
    }

    private static void AddTo<T>(Dictionary<T, int> uses, T key, int change)
        where T : notnull
    {
        var count = uses.GetValueOrDefault(key) + change;
        if (count > 0)
        {
            uses[key] = count;
        }
        else
        {
            uses.Remove(key);
        }
    }

    private static JsonNode? Parse(StoredObject? stored) => stored is null ? null : ObjectJson.Parse(stored.Json);

    private static uint? Number(string? address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes())
            : null;
}
