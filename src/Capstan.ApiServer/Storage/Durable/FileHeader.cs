using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Capstan.ApiServer.Storage.Durable;

/// <summary>What a file of the data directory holds.</summary>
internal enum FileKind : uint
{
    /// <summary>Changes, one revision after the other.</summary>
    Log = 1,

    /// <summary>All objects at one revision.</summary>
    Snapshot = 2,
}

/// <summary>The first bytes of a log or snapshot, little-endian: <c>CAPSTAN\n</c>, format version, kind, 16 random bytes, revision, checksum of all that.</summary>
/// <param name="Kind">Log or snapshot.</param>
/// <param name="Base">A log holds the revisions after it; a snapshot is the state at it.</param>
/// <param name="Seed">Checksum of the random bytes, from which those of the file's batches go on: a batch of another file is never taken for one of this.</param>
internal readonly record struct FileHeader(FileKind Kind, long Base, uint Seed)
{
    /// <summary>How many bytes it takes.</summary>
    public const int Size = 48;

    private const uint Version = 1;
    private const int IdAt = 16;
    private const int IdSize = 16;
    private const int BaseAt = 32;
    private const int ChecksumAt = 40;

    private static ReadOnlySpan<byte> Magic => "CAPSTAN\n"u8;

    /// <summary>The header of a new file.</summary>
    public static byte[] New(FileKind kind, long @base)
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)kind);
        RandomNumberGenerator.Fill(bytes.AsSpan(IdAt, IdSize));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(BaseAt), @base);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumAt), Crc32C.Of(bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <summary>Reads the header of <paramref name="file"/>.</summary>
    /// <exception cref="DataDirectoryException">It is not one, of another kind, or of a version that is not known here.</exception>
    public static FileHeader Read(ReadOnlySpan<byte> bytes, FileKind expected, string file)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic))
        {
            throw new DataDirectoryException($"{file} is damaged at offset 0: it does not begin as a file of capstan");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Crc32C.Of(bytes[..ChecksumAt]))
        {
            throw new DataDirectoryException($"{file} is damaged at offset 0: the checksum of its header is wrong");
        }

        if (version != Version)
        {
            throw new DataDirectoryException($"{file} has format version {version}, and this capstan reads version {Version} only");
        }

        var kind = (FileKind)BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        return kind == expected
            ? new(kind, BinaryPrimitives.ReadInt64LittleEndian(bytes[BaseAt..]), Crc32C.Of(bytes.Slice(IdAt, IdSize)))
            : throw new DataDirectoryException($"{file} is damaged at offset 12: it is a {kind}, not a {expected}");
    }
}
