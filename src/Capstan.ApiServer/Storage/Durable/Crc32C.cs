using System.Buffers.Binary;
using System.Numerics;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>CRC-32C (Castagnoli), for which processors have an instruction.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    /// <param name="data">Any bytes.</param>
    /// <param name="seed">Checksum of what comes before them; 0 at the beginning.</param>
    public static uint Of(ReadOnlySpan<byte> data, uint seed = 0)
    {
        var crc = ~seed;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var b in data)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
