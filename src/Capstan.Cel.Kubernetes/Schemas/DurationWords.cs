using System.Globalization;
using Capstan.Cel.Values;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>Durations of schemas: Go's form (<c>1h30m</c>), or numbers with words (<c>3 hours 2 min</c>), whatever stands between them.</summary>
internal static class DurationWords
{
    // Each unit's short names are whole words; its last name is how a word begins.
    private static readonly (long Nanoseconds, string[] Names)[] Units =
    [
        (1, ["ns", "nano"]),
        (1_000, ["us", "µs", "micro"]),
        (1_000_000, ["ms", "milli"]),
        (1_000_000_000, ["s", "sec"]),
        (60_000_000_000, ["m", "min"]),
        (3_600_000_000_000, ["h", "hr", "hour"]),
        (86_400_000_000_000, ["d", "day"]),
        (604_800_000_000_000, ["w", "wk", "week"]),
    ];

    /// <summary>Why there is no duration in Go's words; null when there is one.</summary>
    public static string? Read(string text, out CelDuration duration)
    {
        if (CelDuration.TryParse(text, out duration))
        {
            return null;
        }

        var total = 0L;
        var found = false;
        for (var at = 0; at < text.Length;)
        {
            var digits = Leading(text.AsSpan(at), char.IsAsciiDigit);
            if (digits == 0)
            {
                at++;
                continue;
            }

            var number = text.AsSpan(at, digits);
            at += digits;
            var space = Leading(text.AsSpan(at), c => c is ' ' or '\t' or '\n' or '\f' or '\r');
            var word = text.AsSpan(at + space);
            word = word[..Leading(word, c => char.IsAsciiLetter(c) || c == 'µ')];
            if (word.IsEmpty)
            {
                continue;
            }

            at += space + word.Length;
            if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return $"strconv.Atoi: parsing \"{number}\": value out of range";
            }

            if (UnitOf(word.ToString().ToLowerInvariant()) is { } unit)
            {
                // Too much wraps around, as it does there.
                total = unchecked(total + (count * unit));
                found = true;
            }
        }

        duration = new CelDuration(total);
        return found ? null : $"unable to parse {text} as duration";
    }

    private static long? UnitOf(string word)
    {
        foreach (var (nanoseconds, names) in Units)
        {
            if (names.Contains(word) || word.StartsWith(names[^1], StringComparison.Ordinal))
            {
                return nanoseconds;
            }
        }

        return null;
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
