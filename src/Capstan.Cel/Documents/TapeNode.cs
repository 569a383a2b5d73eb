using System.Numerics;
using System.Runtime.InteropServices;

namespace Capstan.Cel.Documents;

/// <summary>
/// One value, or one name, of a document. The nodes lie in the order of the text: a container is followed by what is in it, a name by its value.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct TapeNode
{
    /// <summary>Of a string: it has escapes, or bytes to replace, and must be decoded.</summary>
    public const uint Encoded = 1 << 8;

    /// <summary>Of a string: not only ASCII.</summary>
    public const uint NotAscii = 1 << 9;

    /// <summary>Of a container: others are in it, so that the places of an array's elements are not consecutive.</summary>
    public const uint Nested = 1 << 10;

    /// <summary>Of an object: its names were compared with each other, and differ.</summary>
    public const uint Distinct = 1 << 11;

    /// <summary>Of an object: its names were compared with each other, and some are equal.</summary>
    public const uint Duplicates = 1 << 12;

    // The rest of a container's tag is the length of its text as a small floating point number.
    private const int LengthExponent = 13;
    private const int LengthMantissa = 18;

    /// <summary>
    /// Where the text of a string, a name or a double begins (a decoded name: the complement of its place among the decoded names).
    /// Of a container: where its text begins.
    /// </summary>
    [FieldOffset(0)]
    public int Offset;

    /// <summary>The <see cref="TapeKind"/> in the lowest byte; flags above it, of a name a hash.</summary>
    [FieldOffset(4)]
    public uint Tag;

    /// <summary>Bytes of text; of a container its elements or properties.</summary>
    [FieldOffset(8)]
    public int Length;

    /// <summary>Of a container: the first node after it. Of a name: the object that it is in.</summary>
    [FieldOffset(12)]
    public int Next;

    /// <summary>Of an int: its value.</summary>
    [FieldOffset(8)]
    public long Number;

    public readonly TapeKind Kind => (TapeKind)Tag;

    /// <summary>Of a container: the bytes of its text, exact up to 16 KiB, beyond it to one in 8,192.</summary>
    public readonly long TextLength => (long)(Tag >> LengthMantissa) << (int)((Tag >> LengthExponent) & 31);

    /// <summary>The part of a tag that says how long the text is.</summary>
    public static uint OfLength(int length)
    {
        var shift = Math.Max(0, LengthMantissa - BitOperations.LeadingZeroCount((uint)length));
        return ((uint)(length >> shift) << LengthMantissa) | ((uint)shift << LengthExponent);
    }
}
