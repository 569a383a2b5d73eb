using System.Buffers;
using System.Text;

namespace Capstan.Cel.Values;

/// <summary>Strings of CEL on .NET strings: positions, sizes and order are by code point, not by UTF-16 unit.</summary>
internal static class CelText
{
    /// <summary>The longest string that a function makes, in UTF-16 units: <c>x.replace('', x)</c> squares, and must not take the memory.</summary>
    public const int MaxLength = 1 << 24;

    private static readonly SearchValues<char> Capitals = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<char> SmallLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz");
    private static readonly string[] AsciiTexts = [.. Enumerable.Range(0, 128).Select(c => ((char)c).ToString())];

    /// <summary>The number of code points.</summary>
    public static long Size(ReadOnlySpan<char> text) => Utf16Units.Count(text);

    /// <summary>-1, 0 or 1 by code point; UTF-16 order differs, since surrogates lie below U+E000.</summary>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length) return left.Length.CompareTo(right.Length);
        return Weight(left[same]) < Weight(right[same]) ? -1 : 1;
    }

    /// <summary>The code point at <paramref name="index"/> as a string, empty at the very end; false: index out of range.</summary>
    public static bool TryCharAt(string text, long index, out string result)
    {
        var found = CodePointText<char, Utf16Units>.TryCharAt(text, index, out var range);
        result = found ? Cut(text, range) : "";
        return found;
    }

    /// <summary>From code point <paramref name="start"/> on; false: index out of range.</summary>
    public static bool TrySubstring(string text, long start, out string result)
    {
        var found = CodePointText<char, Utf16Units>.TrySubstring(text, start, out var range);
        result = found ? Cut(text, range) : "";
        return found;
    }

    /// <summary>From code point <paramref name="start"/> to before <paramref name="end"/>; <paramref name="wrongIndex"/> is what is out of range.</summary>
    public static CelErrorKind Substring(string text, long start, long end, out string result, out long wrongIndex)
    {
        var error = CodePointText<char, Utf16Units>.Substring(text, start, end, out var range, out wrongIndex);
        result = error == CelErrorKind.None ? Cut(text, range) : "";
        return error;
    }

    /// <inheritdoc cref="CodePointText{T, TUnits}.IndexOf"/>
    public static long IndexOf(ReadOnlySpan<char> text, ReadOnlySpan<char> part) => CodePointText<char, Utf16Units>.IndexOf(text, part);

    /// <inheritdoc cref="CodePointText{T, TUnits}.TryIndexOf"/>
    public static bool TryIndexOf(ReadOnlySpan<char> text, ReadOnlySpan<char> part, long offset, bool strict, out long index) =>
        CodePointText<char, Utf16Units>.TryIndexOf(text, part, offset, strict, out index);

    /// <inheritdoc cref="CodePointText{T, TUnits}.LastIndexOf"/>
    public static long LastIndexOf(ReadOnlySpan<char> text, ReadOnlySpan<char> part) => CodePointText<char, Utf16Units>.LastIndexOf(text, part);

    /// <inheritdoc cref="CodePointText{T, TUnits}.TryLastIndexOf"/>
    public static bool TryLastIndexOf(ReadOnlySpan<char> text, ReadOnlySpan<char> part, long offset, bool strict, out long index) =>
        CodePointText<char, Utf16Units>.TryLastIndexOf(text, part, offset, strict, out index);

    /// <summary>
    /// The first <paramref name="limit"/> occurrences (all when negative) replaced. An empty <paramref name="old"/> is before each code point and at the end.
    /// False: the result is too large.
    /// </summary>
    public static bool TryReplace(string text, string old, string replacement, long limit, out string result)
    {
        result = text;
        if (limit == 0 || old == replacement) return true;
        var occurrences = old.Length == 0 ? Size(text) + 1 : text.AsSpan().Count(old);
        if (limit > 0) occurrences = Math.Min(occurrences, limit);
        if (occurrences == 0) return true;
        var length = text.Length + (occurrences * (replacement.Length - old.Length));
        if (length > MaxLength) return false;
        result = string.Create((int)length, (text, old, replacement, occurrences), static (target, from) =>
        {
            var rest = from.text.AsSpan();
            for (var i = 0L; i < from.occurrences; i++)
            {
                var at = from.old.Length != 0 ? rest.IndexOf(from.old) : i == 0 ? 0 : Utf16Units.LengthAt(rest, 0);
                rest[..at].CopyTo(target);
                from.replacement.CopyTo(target[at..]);
                target = target[(at + from.replacement.Length)..];
                rest = rest[(at + from.old.Length)..];
            }

            rest.CopyTo(target);
        });
        return true;
    }

    /// <summary>The parts between separators, <paramref name="limit"/> at most (all when negative), the last with the rest; an empty separator parts code points.</summary>
    public static string[] Split(string text, string separator, long limit)
    {
        if (limit == 0) return [];
        var count = separator.Length == 0 ? Size(text) : text.AsSpan().Count(separator) + 1L;
        if (limit > 0) count = Math.Min(count, limit);
        if (count == 0) return [];
        var parts = new string[count];
        var start = 0;
        for (var i = 0L; i < count - 1; i++)
        {
            var end = separator.Length == 0 ? start + Utf16Units.LengthAt(text, start) : text.IndexOf(separator, start, StringComparison.Ordinal);
            parts[i] = Cut(text, start..end);
            start = end + separator.Length;
        }

        parts[count - 1] = Cut(text, start..text.Length);
        return parts;
    }

    /// <summary>All parts with a separator between; false: the result is too large.</summary>
    public static bool TryJoin(ReadOnlySpan<string> parts, string separator, out string result)
    {
        result = "";
        var length = (long)separator.Length * Math.Max(parts.Length - 1, 0);
        foreach (var part in parts) length += part.Length;
        if (length > MaxLength) return false;
        result = string.Join(separator, parts!);
        return true;
    }

    /// <summary>The code points from last to first.</summary>
    public static string Reverse(string text) => string.Create(text.Length, text, static (target, from) =>
    {
        for (int at = 0, length; at < from.Length; at += length)
        {
            length = Utf16Units.LengthAt(from, at);
            from.AsSpan(at, length).CopyTo(target[(from.Length - at - length)..]);
        }
    });

    /// <summary>Without white space (Unicode) at both ends.</summary>
    public static string Trim(string text) => text.Trim();

    /// <summary>A to Z in lower case, all else as it is.</summary>
    public static string LowerAscii(string text) =>
        text.AsSpan().ContainsAny(Capitals) ? string.Create(text.Length, text, static (target, from) => Shift(from, target, 'A', 'Z')) : text;

    /// <summary>a to z in upper case, all else as it is.</summary>
    public static string UpperAscii(string text) =>
        text.AsSpan().ContainsAny(SmallLetters) ? string.Create(text.Length, text, static (target, from) => Shift(from, target, 'a', 'z')) : text;

    /// <summary><c>strings.quote</c>: in double quotes, with CEL's escapes for control characters that have one. A surrogate without its other half becomes U+FFFD.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            var escape = EscapeOf(rune.Value);
            if (escape != 0) quoted.Append('\\').Append(escape);
            else quoted.Append(rune);
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>The letter after the backslash, 0 for what needs none.</summary>
    internal static char EscapeOf(int codePoint) => codePoint switch
    {
        '\a' => 'a',
        '\b' => 'b',
        '\f' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\v' => 'v',
        '\\' => '\\',
        '"' => '"',
        _ => '\0',
    };

    private static void Shift(ReadOnlySpan<char> from, Span<char> target, char first, char last)
    {
        for (var i = 0; i < from.Length; i++) target[i] = from[i] >= first && from[i] <= last ? (char)(from[i] ^ 0x20) : from[i];
    }

    private static string Cut(string text, Range range)
    {
        var (start, length) = range.GetOffsetAndLength(text.Length);
        return length == text.Length ? text : length == 1 && text[start] < 128 ? AsciiTexts[text[start]] : text.Substring(start, length);
    }

    // Moves the surrogates above the rest of the plane: as code points they are above it.
    private static int Weight(char unit) => unit >= 0xE000 ? unit - 0x800 : unit >= 0xD800 ? unit + 0x2000 : unit;
}
