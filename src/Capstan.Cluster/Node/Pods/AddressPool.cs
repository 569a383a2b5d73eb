using System.Net;

namespace Capstan.Cluster.Node.Pods;

/// <summary>Addresses of pods out of 127.112.0.0/12: all of 127.0.0.0/8 is this machine without being set up.</summary>
/// <remarks>Thread-safe. Where to begin is chance, so that clusters side by side on one machine do not meet.</remarks>
internal sealed class AddressPool
{
    private const uint First = (127u << 24) | (112u << 16);
    private const uint Count = 1u << 20;

    private readonly Lock _lock = new();
    private readonly HashSet<uint> _taken = [];
    private uint _next;

    public AddressPool(Random random)
    {
        lock (random)
        {
            _next = (uint)random.Next((int)Count);
        }
    }

    /// <summary>An address that no pod here has.</summary>
    /// <param name="wanted">The one that the pod had before, which it gets again if it can.</param>
    /// <exception cref="InvalidOperationException">There is none left.</exception>
    public IPAddress Take(string? wanted = null)
    {
        lock (_lock)
        {
            if (IPAddress.TryParse(wanted, out var before) && before.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
                && ToNumber(before) is var offset && offset < Count && _taken.Add(offset))
            {
                return before;
            }

            for (var tries = 0u; tries < Count; tries++)
            {
                var candidate = _next;
                _next = (_next + 1) % Count;

                // People take .0 and .255 for networks.
                if ((candidate & 0xff) is not (0 or 0xff) && _taken.Add(candidate))
                {
                    return ToAddress(candidate);
                }
            }

            throw new InvalidOperationException("all addresses of 127.112.0.0/12 are taken");
        }
    }

    public void Return(IPAddress address)
    {
        lock (_lock)
        {
            _taken.Remove(ToNumber(address));
        }
    }

    private static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return unchecked(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes) - First);
    }

    private static IPAddress ToAddress(uint offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, First + offset);
        return new(bytes);
    }
}
