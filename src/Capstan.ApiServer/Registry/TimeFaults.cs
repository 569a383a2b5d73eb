using System.Globalization;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

/// <summary>Why a text is no time, in the words of Go, which reads one part after the other and tells the first that does not fit.</summary>
internal static class TimeFaults
{
    private static readonly string[] Parts = ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05"];

    /// <summary>The fault of a <c>Time</c>, or of a <c>MicroTime</c>, which must have six digits after the seconds; null when there is none.</summary>
    public static string? Of(string text, bool micro)
    {
        var rest = text.AsSpan();
        Span<int> numbers = stackalloc int[Parts.Length];
        for (var i = 0; i < Parts.Length; i++)
        {
            var part = Parts[i];
            if (!char.IsAsciiDigit(part[0]))
            {
                if (!rest.StartsWith(part))
                {
                    return Misfit(text, micro, rest, part);
                }
            }
            else if (rest.Length < part.Length || rest[..part.Length].ContainsAnyExceptInRange('0', '9'))
            {
                return Misfit(text, micro, rest, part);
            }
            else
            {
                numbers[i] = int.Parse(rest[..part.Length], NumberStyles.None, CultureInfo.InvariantCulture);
                if (OutOfRange(part, numbers[i]) is { } name)
                {
                    return $"parsing time {GoFormat.Quote(text)}: {name} out of range";
                }
            }

            rest = rest[part.Length..];
        }

        if (micro)
        {
            if (rest.Length < 7 || rest[0] is not ('.' or ',') || rest[1..7].ContainsAnyExceptInRange('0', '9'))
            {
                return Misfit(text, micro, rest, ".000000");
            }

            rest = rest[7..];
        }
        else if (rest.Length > 1 && rest[0] is '.' or ',' && char.IsAsciiDigit(rest[1]))
        {
            var end = rest[1..].IndexOfAnyExceptInRange('0', '9');
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return OfZone(text, micro, rest) ?? (numbers[4] < 1 || numbers[4] > DaysIn(numbers[0], numbers[2]) ? $"parsing time {GoFormat.Quote(text)}: day out of range" : null);
    }

    private static string? OfZone(string text, bool micro, ReadOnlySpan<char> rest)
    {
        var length = rest.StartsWith('Z') ? 1 : 6;
        if (length == 6 && (rest.Length < 6 || rest[0] is not ('+' or '-') || rest[3] != ':'
            || rest[1..3].ContainsAnyExceptInRange('0', '9') || rest[4..6].ContainsAnyExceptInRange('0', '9')))
        {
            return Misfit(text, micro, rest, "Z07:00");
        }

        return rest.Length > length ? $"parsing time {GoFormat.Quote(text)}: extra text: {GoFormat.Quote(rest[length..].ToString())}" : null;
    }

    private static string? OutOfRange(string part, int number) => part switch
    {
        "01" when number is < 1 or > 12 => "month",
        "15" when number > 23 => "hour",
        "04" when number > 59 => "minute",
        "05" when number > 59 => "second",
        _ => null,
    };

    private static int DaysIn(int year, int month) => DateTime.DaysInMonth(Math.Max(year, 1), month);

    private static string Misfit(string text, bool micro, ReadOnlySpan<char> rest, string part) =>
        $"parsing time {GoFormat.Quote(text)} as \"2006-01-02T15:04:05{(micro ? ".000000" : "")}Z07:00\": cannot parse {GoFormat.Quote(rest.ToString())} as \"{part}\"";
}
