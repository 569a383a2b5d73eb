using System.Text;
using System.Text.Unicode;

namespace Capstan.Cel.Values;

/// <summary>Strings of a UTF-8 document without making .NET strings of them. What builds new text is in <see cref="CelText"/>.</summary>
internal static class CelUtf8
{
    /// <summary>The number of code points.</summary>
    public static long Size(ReadOnlySpan<byte> text) => Utf8Units.Count(text);

    /// <summary>Order by code point, which in UTF-8 is the order of bytes.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Math.Sign(left.SequenceCompareTo(right));

    /// <inheritdoc cref="CodePointText{T, TUnits}.TryCharAt"/>
    public static bool TryCharAt(ReadOnlySpan<byte> text, long index, out Range range) => CodePointText<byte, Utf8Units>.TryCharAt(text, index, out range);

    /// <inheritdoc cref="CodePointText{T, TUnits}.Substring"/>
    public static CelErrorKind Substring(ReadOnlySpan<byte> text, long start, long end, out Range range, out long wrongIndex) =>
        CodePointText<byte, Utf8Units>.Substring(text, start, end, out range, out wrongIndex);

    /// <inheritdoc cref="CodePointText{T, TUnits}.TrySubstring"/>
    public static bool TrySubstring(ReadOnlySpan<byte> text, long start, out Range range) => CodePointText<byte, Utf8Units>.TrySubstring(text, start, out range);

    /// <inheritdoc cref="CodePointText{T, TUnits}.IndexOf"/>
    public static long IndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part) => CodePointText<byte, Utf8Units>.IndexOf(text, part);

    /// <inheritdoc cref="CodePointText{T, TUnits}.TryIndexOf"/>
    public static bool TryIndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part, long offset, bool strict, out long index) =>
        CodePointText<byte, Utf8Units>.TryIndexOf(text, part, offset, strict, out index);

    /// <inheritdoc cref="CodePointText{T, TUnits}.LastIndexOf"/>
    public static long LastIndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part) => CodePointText<byte, Utf8Units>.LastIndexOf(text, part);

    /// <inheritdoc cref="CodePointText{T, TUnits}.TryLastIndexOf"/>
    public static bool TryLastIndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part, long offset, bool strict, out long index) =>
        CodePointText<byte, Utf8Units>.TryLastIndexOf(text, part, offset, strict, out index);

    /// <summary>The range without white space (Unicode) at both ends.</summary>
    public static Range Trim(ReadOnlySpan<byte> text)
    {
        var start = 0;
        while (Rune.DecodeFromUtf8(text[start..], out var rune, out var read) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune)) start += read;
        var end = text.Length;
        while (end > start && Rune.DecodeLastFromUtf8(text[..end], out var rune, out var read) == System.Buffers.OperationStatus.Done && Rune.IsWhiteSpace(rune)) end -= read;
        return start..end;
    }

    /// <summary><c>string(bytes)</c>; false: no UTF-8 (<see cref="CelErrorKind.InvalidUtf8"/>).</summary>
    public static bool TryString(ReadOnlySpan<byte> bytes, out string text)
    {
        var valid = Utf8.IsValid(bytes);
        text = valid ? Encoding.UTF8.GetString(bytes) : "";
        return valid;
    }

    /// <summary><c>bytes(string)</c>. A surrogate without its other half becomes U+FFFD.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
