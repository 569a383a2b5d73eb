using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;

namespace Capstan.ApiServer.Http;

/// <summary>A protobuf message in the making: fields are written in the order in which they are added; what is absent or empty is left out.</summary>
internal sealed class ProtobufMessage
{
    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public void Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }
    }

    public void Texts(int field, IEnumerable<JsonNode?> values)
    {
        foreach (var value in values)
        {
            Text(field, value.Text());
        }
    }

    public bool IsEmpty => _bytes.Length == 0;

    public void Message(int field, ProtobufMessage value) => Bytes(field, value._bytes.GetBuffer().AsSpan(0, (int)value._bytes.Length));

    /// <summary>A number that counts also as zero.</summary>
    public void Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
    }

    public void Flag(int field, bool? value)
    {
        if (value == true)
        {
            Number(field, 1);
        }
    }

    public void Whole(int field, long? value)
    {
        if (value is { } given and not 0)
        {
            Number(field, given);
        }
    }

    public void Real(int field, JsonNode? value)
    {
        if (value is not null && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var real))
        {
            Varint((ulong)field << 3 | 1);
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, real);
            _bytes.Write(bytes);
        }
    }

    /// <summary>Bytes, also none.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint((ulong)field << 3 | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.WriteByte((byte)(value | 0x80));
        }

        _bytes.WriteByte((byte)value);
    }
}
