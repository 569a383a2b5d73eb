using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

/// <summary>Durations as people read them in tables: two or three significant parts, as <c>kubectl</c> users know them.</summary>
internal static class Ages
{
    /// <summary>How long ago a time field of an object is; <c>&lt;unknown&gt;</c> when it is absent or no time.</summary>
    public static string Since(JsonNode? time, DateTimeOffset now) =>
        KubeTime.TryParse(time.Text(), out var parsed) ? Words(now - parsed) : "<unknown>";

    /// <summary>A duration in words: <c>45s</c>, <c>5m12s</c>, <c>3h7m</c>, <c>2d5h</c>, <c>400d</c>, <c>3y20d</c>. Clocks may differ by two seconds
    /// before a time in the future counts as invalid.</summary>
    public static string Words(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        var (minutes, hours) = (seconds / 60, seconds / 3600);
        var days = hours / 24;
        return seconds switch
        {
            < 0 => "0s",
            < 120 => Part(seconds, "s"),
            < 600 => Parts(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => Part(minutes, "m"),
            < 8 * 3600 => Parts(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => Part(hours, "h"),
            < 8 * 86400 => Parts(days, "d", hours % 24, "h"),
            < 2 * 365 * 86400 => Part(days, "d"),
            < 8L * 365 * 86400 => Parts(days / 365, "y", days % 365, "d"),
            _ => Part(days / 365, "y"),
        };
    }

    private static string Part(long count, string unit) => count.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Parts(long major, string majorUnit, long minor, string minorUnit) =>
        minor == 0 ? Part(major, majorUnit) : Part(major, majorUnit) + Part(minor, minorUnit);
}
