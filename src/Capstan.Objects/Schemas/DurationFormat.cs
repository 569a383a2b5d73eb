namespace Capstan.Schemas;

/// <summary>Durations as Kubernetes' schemas take them: Go's (<c>1h30m</c>, <c>-1.5s</c>) or words of Scala (<c>3 hours</c>).</summary>
internal static class DurationFormat
{
    private static readonly string[] GoUnits = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];

    // Short names are whole words, the last of each is how longer words begin.
    private static readonly string[] ShortWords = ["ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk"];
    private static readonly string[] WordStems = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];

    public static bool IsDuration(string text) => IsGoDuration(text) || HasWords(text);

    private static bool IsGoDuration(string text)
    {
        var rest = text.AsSpan();
        if (rest.Length > 0 && rest[0] is '+' or '-')
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = Leading(rest, char.IsAsciiDigit);
            rest = rest[digits..];
            if (!rest.IsEmpty && rest[0] == '.')
            {
                var fraction = Leading(rest[1..], char.IsAsciiDigit);
                digits += fraction;
                rest = rest[(fraction + 1)..];
            }

            var unit = Leading(rest, c => c != '.' && !char.IsAsciiDigit(c));
            if (digits == 0 || !GoUnits.Contains(rest[..unit].ToString()))
            {
                return false;
            }

            rest = rest[unit..];
        }

        return true;
    }

    // Anything around a number with a known word is overlooked, as Kubernetes does.
    private static bool HasWords(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsAsciiDigit(text[at]))
            {
                continue;
            }

            at += Leading(text.AsSpan(at), char.IsAsciiDigit);
            at += Leading(text.AsSpan(at), char.IsWhiteSpace);
            var length = Leading(text.AsSpan(at), c => char.IsAsciiLetter(c) || c == 'µ');
            var word = text.Substring(at, length).ToLowerInvariant();
            if (length > 0 && (ShortWords.Contains(word) || WordStems.Any(stem => word.StartsWith(stem, StringComparison.Ordinal))))
            {
                return true;
            }

            at += length - 1;
        }

        return false;
    }

    private static int Leading(ReadOnlySpan<char> text, Func<char, bool> belongs)
    {
        var length = 0;
        while (length < text.Length && belongs(text[length]))
        {
            length++;
        }

        return length;
    }
}
