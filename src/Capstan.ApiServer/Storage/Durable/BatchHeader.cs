using System.Buffers.Binary;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>Stands before each batch, which is what was written and flushed at once: length, number and checksum of its records, and a checksum of its own.</summary>
/// <param name="Length">Bytes of the records.</param>
/// <param name="Count">How many records.</param>
/// <param name="First">Revision of the first record; of a snapshot, how many batches come before.</param>
/// <param name="Checksum">Of the records.</param>
internal readonly record struct BatchHeader(int Length, int Count, long First, uint Checksum)
{
    /// <summary>How many bytes it takes.</summary>
    public const int Size = 28;

    private const int ChecksumAt = 24;

    /// <summary>How a batch begins, so that it can be found where one before it is damaged.</summary>
    public static ReadOnlySpan<byte> Magic => "\u0001CbT"u8;

    public void Write(Span<byte> bytes, uint seed)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], First);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], Crc32C.Of(bytes[..ChecksumAt], seed));
    }

    /// <summary>Reads one; false when that is no header of a batch of the file with this seed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, uint seed, out BatchHeader header)
    {
        header = default;
        if (bytes.Length < Size || !bytes.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Crc32C.Of(bytes[..ChecksumAt], seed))
        {
            return false;
        }

        header = new(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]));
        return header.Length >= 0 && header.Count >= 0;
    }
}
