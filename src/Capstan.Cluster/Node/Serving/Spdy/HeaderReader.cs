using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Capstan.Cluster.Node.Serving.Spdy;

/// <summary>Reads header blocks: one zlib stream over the whole life of a connection, which begins with a dictionary. Used by one thread at a time.</summary>
internal sealed class HeaderReader : IDisposable
{
    private const int MaxHeaders = 100;
    private const int MaxText = 32 << 10;
    private const int HasDictionary = 0x20;

    private readonly Feed _feed = new();
    private readonly DeflateStream _inflated;
    private bool _started;

    public HeaderReader()
    {
        // .NET cannot be given a dictionary, but to inflate one has read before is all that a dictionary is: so it comes first, as a block that is stored.
        var dictionary = HeaderDictionary.Bytes;
        var head = new byte[5];
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(1), (ushort)dictionary.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(3), (ushort)~dictionary.Length);
        _feed.Add(head);
        _feed.Add(dictionary);
        _inflated = new DeflateStream(_feed, CompressionMode.Decompress);
        _inflated.ReadExactly(new byte[dictionary.Length]);
    }

    /// <summary>Names in lower case, and their values; several values of a name are parted by NUL.</summary>
    /// <exception cref="InvalidDataException">It is no header block.</exception>
    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        if (!_started)
        {
            var prefix = block.Length >= 2 && (block[1] & HasDictionary) != 0 ? 6 : 2;
            if (block.Length < prefix)
            {
                throw new InvalidDataException("a header block without a zlib header");
            }

            block = block[prefix..];
            _started = true;
        }

        _feed.Add(block.ToArray());
        var count = Number(MaxHeaders);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < count; i++)
        {
            var name = Text();
            headers[name] = Text();
        }

        return headers;
    }

    public void Dispose() => _inflated.Dispose();

    private string Text()
    {
        var bytes = new byte[Number(MaxText)];
        Fill(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private int Number(int most)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes) is var number && number <= most ? (int)number : throw new InvalidDataException("a header block that is too large");
    }

    private void Fill(Span<byte> bytes)
    {
        try
        {
            _inflated.ReadExactly(bytes);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("a header block that is cut", e);
        }
    }

    /// <summary>What came and was not inflated yet.</summary>
    private sealed class Feed : Stream
    {
        private ReadOnlyMemory<byte> _rest;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Add(byte[] part) => _rest = _rest.IsEmpty ? part : (byte[])[.. _rest.Span, .. part];

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var length = Math.Min(buffer.Length, _rest.Length);
            _rest.Span[..length].CopyTo(buffer);
            _rest = _rest[length..];
            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
