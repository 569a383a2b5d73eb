using System.Text;

namespace Capstan.Cel.Regex;

/// <summary>How a text is read: what differs between UTF-8 and UTF-16. What is no valid character reads as U+FFFD, one unit long.</summary>
internal interface ICodeUnits<T>
    where T : unmanaged
{
    /// <summary>The unit as a number.</summary>
    static abstract int Value(T unit);

    /// <summary>The code point at <paramref name="at"/> and its length in units; -1 at the end of the text.</summary>
    static abstract int Read(ReadOnlySpan<T> text, int at, out int units);

    /// <summary>The code point that ends before <paramref name="at"/>; -1 at the begin of the text.</summary>
    static abstract int ReadBefore(ReadOnlySpan<T> text, int at);
}

internal readonly struct Utf8Units : ICodeUnits<byte>
{
    public static int Value(byte unit) => unit;

    public static int Read(ReadOnlySpan<byte> text, int at, out int units)
    {
        units = 1;
        if ((uint)at >= (uint)text.Length)
        {
            return -1;
        }

        if (text[at] < 128)
        {
            return text[at];
        }

        // Not the replacement of a whole broken sequence: Go takes byte for byte.
        if (Rune.DecodeFromUtf8(text[at..], out var rune, out var bytes) == System.Buffers.OperationStatus.Done)
        {
            units = bytes;
        }

        return rune.Value;
    }

    public static int ReadBefore(ReadOnlySpan<byte> text, int at)
    {
        if (at == 0)
        {
            return -1;
        }

        Rune.DecodeLastFromUtf8(text[..at], out var rune, out _);
        return rune.Value;
    }
}

internal readonly struct Utf16Units : ICodeUnits<char>
{
    public static int Value(char unit) => unit;

    public static int Read(ReadOnlySpan<char> text, int at, out int units)
    {
        units = 1;
        if ((uint)at >= (uint)text.Length)
        {
            return -1;
        }

        if (!char.IsSurrogate(text[at]))
        {
            return text[at];
        }

        Rune.DecodeFromUtf16(text[at..], out var rune, out units);
        return rune.Value;
    }

    public static int ReadBefore(ReadOnlySpan<char> text, int at)
    {
        if (at == 0)
        {
            return -1;
        }

        Rune.DecodeLastFromUtf16(text[..at], out var rune, out _);
        return rune.Value;
    }
}
