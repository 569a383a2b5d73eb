using System.Buffers.Binary;

namespace Capstan.ApiServer.Http.Protobuf;

/// <summary>How a field's value is written.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>Reads protobuf's wire format from bytes that anybody may have sent: whatever is broken is a <see cref="FormatException"/>.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether nothing is left.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The number of the next field and how its value is written.</summary>
    public (int Number, WireType Wire) ReadTag()
    {
        var tag = ReadVarint();
        var number = tag >> 3;
        var wire = (WireType)(tag & 7);
        return number is 0 or > 0x1FFFFFFF || wire is not (WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32)
            ? throw new FormatException($"illegal tag {tag}")
            : ((int)number, wire);
    }

    /// <summary>A number of up to ten bytes.</summary>
    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var i = 0; i < 10 && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw new FormatException(_rest.Length < 10 ? "unexpected EOF" : "integer overflow");
    }

    /// <summary>Bytes with their length before them.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        return length > (ulong)_rest.Length ? throw new FormatException("unexpected EOF") : Take((int)length);
    }

    /// <summary>A floating-point number of eight bytes.</summary>
    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>Passes over a value.</summary>
    public void Skip(WireType wire)
    {
        switch (wire)
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Bytes:
                ReadBytes();
                break;
            default:
                Take(wire == WireType.Fixed64 ? 8 : 4);
                break;
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new FormatException("unexpected EOF");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
