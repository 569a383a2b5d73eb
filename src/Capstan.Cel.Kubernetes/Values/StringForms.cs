using System.Text;

namespace Capstan.Cel.Kubernetes;

/// <summary>Forms of strings that OpenAPI formats name, as Kubernetes takes them.</summary>
internal static class StringForms
{
    /// <summary>32 hexadecimal digits; each of the four dashes may be missing.</summary>
    public static bool IsUuid(string text)
    {
        var position = 0;
        foreach (var length in (ReadOnlySpan<int>)[8, 4, 4, 4, 12])
        {
            position += position > 0 && position < text.Length && text[position] == '-' ? 1 : 0;
            for (var i = 0; i < length; i++, position++)
            {
                if (position >= text.Length || !char.IsAsciiHexDigit(text[position]))
                {
                    return false;
                }
            }
        }

        return position == text.Length;
    }

    /// <summary>Base64 with its padding and the standard alphabet; not empty.</summary>
    public static bool IsBase64(string text)
    {
        var digits = text.EndsWith("==", StringComparison.Ordinal) ? text.Length - 2 : text.EndsWith('=') ? text.Length - 1 : text.Length;
        return text.Length > 0 && text.Length % 4 == 0 && text.Take(digits).All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/');
    }

    /// <summary><c>yyyy-mm-dd</c> of a day that there is, from the year 0 on.</summary>
    public static bool IsDate(string text)
    {
        if (text.Length != 10 || text[4] != '-' || text[7] != '-' || Number(text, 0, 4) is not { } year || Number(text, 5, 2) is not { } month || Number(text, 8, 2) is not { } day)
        {
            return false;
        }

        // The calendar of the runtime begins with the year 1; the leap years repeat every 400.
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year % 400 + 400, month);
    }

    /// <summary>
    /// A date, <c>T</c>, and a time with zone, in either case. Kubernetes takes any character for the point before fractions of a second,
    /// does not check the offset, and does not look at what follows another <c>t</c>.
    /// </summary>
    public static bool IsDateTime(string text)
    {
        var parts = text.Split('t', 'T');
        return parts.Length >= 2 && IsDate(parts[0]) && IsTime(parts[1]);
    }

    private static bool IsTime(string text) =>
        text.Length > 8 && text[2] == ':' && text[5] == ':' && Number(text, 0, 2) <= 23 && Number(text, 3, 2) <= 59 && Number(text, 6, 2) <= 59
        && (IsZone(text[8..]) || IsZone(AfterFraction(text[8..])));

    /// <summary>What follows one character and digits; empty when there are none.</summary>
    private static string AfterFraction(string text)
    {
        var start = Rune.TryGetRuneAt(text, 0, out var rune) ? rune.Utf16SequenceLength : 1;
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end == start || text[0] == '\n' ? "" : text[end..];
    }

    private static bool IsZone(string text) =>
        text is "z" or "Z" || (text.Length == 6 && text[0] is '+' or '-' && text[3] == ':' && Number(text, 1, 2) is not null && Number(text, 4, 2) is not null);

    private static int? Number(string text, int start, int length)
    {
        var value = 0;
        foreach (var c in text.AsSpan(start, length))
        {
            if (!char.IsAsciiDigit(c))
            {
                return null;
            }

            value = value * 10 + (c - '0');
        }

        return value;
    }
}
