using System.Buffers.Binary;
using System.Text;

namespace Capstan.Cluster.Node.Serving.Spdy;

/// <summary>Writes header blocks as zlib has them when nothing is compressed: ours are a few words each. Used by one thread at a time.</summary>
internal sealed class HeaderWriter
{
    private bool _started;

    public byte[] Write(IReadOnlyDictionary<string, string> headers)
    {
        using var plain = new MemoryStream();
        Number(plain, headers.Count);
        foreach (var (name, value) in headers)
        {
            Text(plain, name.ToLowerInvariant());
            Text(plain, value);
        }

        using var block = new MemoryStream();
        if (!_started)
        {
            // Deflate with a window of 32 KiB, without a dictionary.
            block.Write([0x78, 0x01]);
            _started = true;
        }

        var length = (ushort)plain.Length;
        Span<byte> stored = stackalloc byte[5];
        stored[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(stored[1..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored[3..], (ushort)~length);
        block.Write(stored);
        plain.WriteTo(block);

        // A flush, as zlib makes it of an empty block: Go's reader gives out what it has when it sees one, and takes the end of a frame without it for a fault.
        block.Write([0, 0, 0, 0xff, 0xff]);
        return block.ToArray();
    }

    private static void Text(Stream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Number(stream, bytes.Length);
        stream.Write(bytes);
    }

    private static void Number(Stream stream, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        stream.Write(bytes);
    }
}
