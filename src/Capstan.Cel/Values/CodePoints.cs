using System.Buffers;
using System.Numerics;

namespace Capstan.Cel.Values;

/// <summary>How code points are laid out in code units. All positions of CEL count code points, all positions in memory count units.</summary>
internal interface ICodeUnits<T>
    where T : unmanaged, IEquatable<T>
{
    /// <summary>The number of code points.</summary>
    static abstract int Count(ReadOnlySpan<T> text);

    /// <summary>Is each code point one unit? Then positions need no conversion.</summary>
    static abstract bool IsSingle(ReadOnlySpan<T> text);

    /// <summary>Units of the code point that starts at <paramref name="at"/>.</summary>
    static abstract int LengthAt(ReadOnlySpan<T> text, int at);
}

/// <summary>UTF-16. A surrogate without its other half is a code point of its own, so that hostile JSON cannot derail a position.</summary>
internal readonly struct Utf16Units : ICodeUnits<char>
{
    // Not IndexOfAnyInRange: until the JIT optimises it, that boxes both ends at each call.
    private static readonly SearchValues<char> HighSurrogates = SearchValues.Create([.. Enumerable.Range(0xD800, 0x400).Select(c => (char)c)]);

    /// <inheritdoc/>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var at = text.IndexOfAny(HighSurrogates); at >= 0; at++)
        {
            if (at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])) count--;
            var next = text[(at + 1)..].IndexOfAny(HighSurrogates);
            if (next < 0) break;
            at += next;
        }

        return count;
    }

    /// <inheritdoc/>
    public static bool IsSingle(ReadOnlySpan<char> text) => !text.ContainsAny(HighSurrogates);

    /// <inheritdoc/>
    public static int LengthAt(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
}

/// <summary>UTF-8, valid as the reader of the document found it. On other bytes the positions mean nothing, but stay within the text.</summary>
internal readonly struct Utf8Units : ICodeUnits<byte>
{
    /// <inheritdoc/>
    public static int Count(ReadOnlySpan<byte> text)
    {
        if (System.Text.Ascii.IsValid(text)) return text.Length;
        var continuations = 0;
        var at = 0;
        if (Vector.IsHardwareAccelerated)
        {
            // Continuation bytes are those below -64 as signed numbers. A lane counts to 127 at most before it is summed up.
            while (text.Length - at >= Vector<sbyte>.Count)
            {
                var lanes = Vector<sbyte>.Zero;
                for (var round = 0; round < 127 && text.Length - at >= Vector<sbyte>.Count; round++, at += Vector<sbyte>.Count)
                {
                    lanes -= Vector.LessThan(Vector.AsVectorSByte(new Vector<byte>(text[at..])), new Vector<sbyte>(-64));
                }

                Vector.Widen(lanes, out var low, out var high);
                continuations += Vector.Sum(low) + Vector.Sum(high);
            }
        }

        for (; at < text.Length; at++)
        {
            if ((sbyte)text[at] < -64) continuations++;
        }

        return text.Length - continuations;
    }

    /// <inheritdoc/>
    public static bool IsSingle(ReadOnlySpan<byte> text) => System.Text.Ascii.IsValid(text);

    /// <inheritdoc/>
    public static int LengthAt(ReadOnlySpan<byte> text, int at)
    {
        var length = 1;
        while (at + length < text.Length && (sbyte)text[at + length] < -64) length++;
        return length;
    }
}
