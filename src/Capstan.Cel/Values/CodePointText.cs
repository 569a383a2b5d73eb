namespace Capstan.Cel.Values;

/// <summary>Positions and searches by code point, the same for both encodings. Results are ranges of units: nothing is copied.</summary>
internal static class CodePointText<T, TUnits>
    where T : unmanaged, IEquatable<T>
    where TUnits : struct, ICodeUnits<T>
{
    /// <summary>The units of the code point at <paramref name="index"/>; at the very end nothing, beyond an error.</summary>
    public static bool TryCharAt(ReadOnlySpan<T> text, long index, out Range range)
    {
        range = default;
        if (!TryUnitOf(text, index, out var start)) return false;
        range = start == text.Length ? start..start : start..(start + TUnits.LengthAt(text, start));
        return true;
    }

    /// <summary>The units from code point <paramref name="start"/> to before <paramref name="end"/>.</summary>
    public static CelErrorKind Substring(ReadOnlySpan<T> text, long start, long end, out Range range, out long wrongIndex)
    {
        range = default;
        wrongIndex = start;
        if (start > end) return CelErrorKind.InvalidSubstringRange;
        if (!TryUnitOf(text, start, out var from)) return CelErrorKind.IndexOutOfRange;
        wrongIndex = end;
        if (!TryUnitOf(text[from..], end - start, out var length)) return CelErrorKind.IndexOutOfRange;
        range = from..(from + length);
        return CelErrorKind.None;
    }

    /// <summary>The units from code point <paramref name="start"/> to the end; false: it has no such position.</summary>
    public static bool TrySubstring(ReadOnlySpan<T> text, long start, out Range range)
    {
        var found = TryUnitOf(text, start, out var from);
        range = from..text.Length;
        return found;
    }

    /// <summary>The first <paramref name="part"/> in the text, -1 for none; the empty part is at its start.</summary>
    public static long IndexOf(ReadOnlySpan<T> text, ReadOnlySpan<T> part)
    {
        var at = text.IndexOf(part);
        return at < 0 ? -1 : TUnits.Count(text[..at]);
    }

    /// <summary>
    /// The first <paramref name="part"/> at or after <paramref name="offset"/>, -1 for none; the empty part is at the offset itself.
    /// False (index out of range): the offset is negative, or (<paramref name="strict"/>, the specification) at or beyond the end, which cel-go answers with -1.
    /// </summary>
    public static bool TryIndexOf(ReadOnlySpan<T> text, ReadOnlySpan<T> part, long offset, bool strict, out long index)
    {
        index = offset;
        if (part.IsEmpty) return true;
        index = -1;
        if (!TryUnitOf(text, offset, out var from) || from == text.Length) return offset >= 0 && !strict;
        var at = text[from..].IndexOf(part);
        if (at >= 0) index = offset + TUnits.Count(text.Slice(from, at));
        return true;
    }

    /// <summary>The last <paramref name="part"/> in the text, -1 for none; the empty part is at its end.</summary>
    public static long LastIndexOf(ReadOnlySpan<T> text, ReadOnlySpan<T> part)
    {
        var at = part.IsEmpty ? text.Length : text.LastIndexOf(part);
        return at < 0 ? -1 : TUnits.Count(text[..at]);
    }

    /// <summary>The last <paramref name="part"/> that begins at or before <paramref name="offset"/>; all else as of <see cref="TryIndexOf"/>.</summary>
    public static bool TryLastIndexOf(ReadOnlySpan<T> text, ReadOnlySpan<T> part, long offset, bool strict, out long index)
    {
        index = offset;
        if (part.IsEmpty) return true;
        index = -1;
        if (!TryUnitOf(text, offset, out var from) || from == text.Length) return offset >= 0 && !strict;
        var end = Math.Min((long)from + part.Length, text.Length);
        var at = text[..(int)end].LastIndexOf(part);
        if (at >= 0) index = TUnits.Count(text[..at]);
        return true;
    }

    private static bool TryUnitOf(ReadOnlySpan<T> text, long index, out int unit)
    {
        unit = 0;
        if (index < 0 || index > text.Length) return false;
        if (TUnits.IsSingle(text))
        {
            unit = (int)index;
            return true;
        }

        for (; index > 0; index--)
        {
            if (unit == text.Length) return false;
            unit += TUnits.LengthAt(text, unit);
        }

        return true;
    }
}
