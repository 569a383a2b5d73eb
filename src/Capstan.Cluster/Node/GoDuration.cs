using System.Globalization;

namespace Capstan.Cluster.Node;

/// <summary>Durations as Go writes them, of whole and fractional hours, minutes, seconds and milliseconds: <c>1m30s</c>.</summary>
internal static class GoDuration
{
    private static readonly Dictionary<string, double> Units = new() { ["ms"] = 0.001, ["s"] = 1, ["m"] = 60, ["h"] = 3600 };

    /// <summary>Whole seconds, as in <c>5m0s</c>.</summary>
    public static string Format(TimeSpan duration) => duration.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}h{duration.Minutes}m{duration.Seconds}s")
        : duration.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes}m{duration.Seconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.Seconds}s");

    /// <summary>Reads one; negative ones are none.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
        {
            return false;
        }

        var seconds = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var unit = UnitOf(rest).ToString();
            if (!Units.TryGetValue(unit, out var length))
            {
                return false;
            }

            seconds += number * length;
            rest = rest[unit.Length..];
        }

        if (seconds > TimeSpan.FromDays(10_000).TotalSeconds)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static ReadOnlySpan<char> UnitOf(ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAny("0123456789.");
        return end < 0 ? rest : rest[..end];
    }
}
