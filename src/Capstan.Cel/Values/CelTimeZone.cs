using System.Collections.Concurrent;

namespace Capstan.Cel.Values;

/// <summary>
/// A time zone of the machine's time zone data, or an offset <c>[+-]HH:MM</c> whose sign is optional.
/// </summary>
/// <remarks>
/// The data are read from their files (TZDIR, else the usual folders) and not through <see cref="TimeZoneInfo"/>: that rounds old offsets to minutes,
/// cannot tell years beyond 9999, and its names depend on the globalization mode. Without the files only <c>UTC</c>, the empty name and offsets work;
/// any other name is <see cref="CelErrorKind.UnknownTimeZone"/>, never a wrong answer. Zones are cached, immutable and thread-safe.
/// </remarks>
internal sealed class CelTimeZone
{
    private const int MaxCached = 1024;
    private const int MaxFileSize = 1 << 20;

    private static readonly ConcurrentDictionary<string, CelTimeZone> Cache = new(StringComparer.Ordinal);
    private static readonly string[] Folders =
    [
        .. new[] { Environment.GetEnvironmentVariable("TZDIR"), "/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo" }.OfType<string>(),
    ];

    private readonly long _offset;
    private readonly ZoneTransitions? _transitions;

    private CelTimeZone(long offset, ZoneTransitions? transitions) => (_offset, _transitions) = (offset, transitions);

    /// <summary>UTC.</summary>
    public static CelTimeZone Utc { get; } = new(0, null);

    /// <summary>The zone that a getter's argument names; false: there is none (<see cref="CelErrorKind.UnknownTimeZone"/>).</summary>
    public static bool TryFind(string name, out CelTimeZone zone)
    {
        zone = Utc;
        if (name is "" or "UTC") return true;
        if (Cache.TryGetValue(name, out zone!)) return true;
        zone = Utc;
        var colon = name.IndexOf(':');
        if (colon >= 0)
        {
            if (!TryReadOffset(name, colon, out var seconds)) return false;
            zone = new(seconds, null);
        }
        else if (ReadFile(name) is { } transitions)
        {
            zone = new(0, transitions);
        }
        else
        {
            return false;
        }

        if (Cache.Count < MaxCached) Cache.TryAdd(name, zone);
        return true;
    }

    /// <summary>Seconds east of UTC at an instant.</summary>
    public long OffsetAt(long seconds) => _transitions?.OffsetAt(seconds) ?? _offset;

    // As cel-go reads it: both parts are signed numbers of any size; only a leading minus makes the minutes negative too.
    private static bool TryReadOffset(string name, int colon, out long seconds)
    {
        seconds = 0;
        var hourText = name.AsSpan(0, colon);
        var minuteText = name.AsSpan(colon + 1);
        if (hourText.Length > 9 || minuteText.Length > 9) return false;
        if (!CelNumberText.TryReadInt(hourText, out var hours) || !CelNumberText.TryReadInt(minuteText, out var minutes)) return false;
        seconds = ((hours * 60) + (name[0] == '-' ? -minutes : minutes)) * 60;
        return true;
    }

    private static ZoneTransitions? ReadFile(string name)
    {
        // The name comes from an expression: it must not lead out of the folder.
        if (name.Length > 64 || name[0] is '/' or '.' || name.Contains("..", StringComparison.Ordinal)) return null;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('/' or '_' or '-' or '+')) return null;
        }

        foreach (var folder in Folders)
        {
            try
            {
                var file = new FileInfo(Path.Combine(folder, name));
                if (file.Exists && file.Length <= MaxFileSize && ZoneTransitions.TryRead(File.ReadAllBytes(file.FullName), out var transitions)) return transitions;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // An unreadable folder is one without the zone: the next may have it.
            }
        }

        return null;
    }
}
