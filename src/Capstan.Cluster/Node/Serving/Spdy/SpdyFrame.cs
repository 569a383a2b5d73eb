using System.Buffers.Binary;

namespace Capstan.Cluster.Node.Serving.Spdy;

/// <summary>Kinds of control frames.</summary>
internal enum FrameType
{
    SynStream = 1,
    SynReply = 2,
    RstStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    Headers = 8,
    WindowUpdate = 9,
}

/// <summary>The first eight bytes of every frame of SPDY/3.</summary>
/// <param name="Type">Null for data.</param>
/// <param name="Stream">Of data; 0 else.</param>
/// <param name="IsLast">FIN: nothing more comes on the stream.</param>
/// <param name="Length">Bytes that follow.</param>
internal readonly record struct SpdyFrame(FrameType? Type, uint Stream, bool IsLast, int Length)
{
    public const int Size = 8;
    private const ushort Control = 0x8000;
    private const ushort Version = 3;

    /// <exception cref="InvalidDataException">Another version.</exception>
    public static SpdyFrame Read(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var rest = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var (last, length) = (((rest >> 24) & 1) != 0, (int)(rest & 0xffffff));
        return (first >> 31) == 0 ? new(null, first, last, length)
            : first >> 16 == (Control | Version) ? new((FrameType)(first & 0xffff), 0, last, length)
            : throw new InvalidDataException("a frame of another version than SPDY/3");
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Type is { } type ? ((uint)(Control | Version) << 16) | (uint)type : Stream);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (IsLast ? 1u << 24 : 0) | (uint)Length);
    }
}
