using System.Globalization;

namespace Capstan.Cel.Kubernetes;

/// <summary>Reads semantic versions strictly, and makes lax ones strict before.</summary>
internal static class SemanticVersionReader
{
    /// <summary>Takes off a leading <c>v</c> and leading zeros and fills up missing numbers.</summary>
    public static string Normalize(string text, out string? error)
    {
        error = null;
        var parts = (text.StartsWith('v') ? text[1..] : text).Split('.', 3).Select(WithoutLeadingZeros).ToList();
        if (parts.Count < 3 && parts[^1].AsSpan().ContainsAny('+', '-'))
        {
            error = "short version cannot contain PreRelease/Build meta data";
        }

        while (parts.Count < 3)
        {
            parts.Add("0");
        }

        return string.Join('.', parts);
    }

    public static SemanticVersion? Read(string text, out string? error)
    {
        if (text.Length == 0)
        {
            error = "Version string empty";
            return null;
        }

        var parts = text.Split('.', 3);
        if (parts.Length != 3)
        {
            error = "No Major.Minor.Patch elements found";
            return null;
        }

        var (release, build) = Cut(parts[2], '+');
        var (number, prerelease) = Cut(release, '-');
        if (!IsNumber(parts[0], "major", out var major, out error) || !IsNumber(parts[1], "minor", out var minor, out error)
            || !IsNumber(number, "patch", out var patch, out error))
        {
            return null;
        }

        var prereleases = prerelease?.Split('.') ?? [];
        var builds = build?.Split('.') ?? [];
        error = prereleases.Select(PrereleaseFault).Concat(builds.Select(BuildFault)).FirstOrDefault(fault => fault is not null);
        return error is null ? new SemanticVersion(major, minor, patch, prereleases, builds) : null;
    }

    private static string WithoutLeadingZeros(string part)
    {
        // Length is of octets.
        if (GoText.ToOctets(part).Length < 2)
        {
            return part;
        }

        var trimmed = part.TrimStart('0');
        return trimmed.Length > 0 && char.IsAsciiDigit(trimmed[0]) ? trimmed : "0" + trimmed;
    }

    private static (string Head, string? Tail) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }

    private static bool IsNumber(string text, string name, out ulong value, out string? error)
    {
        value = 0;
        error = !text.All(char.IsAsciiDigit) ? $"Invalid character(s) found in {name} number {GoText.Quote(text)}"
            : HasLeadingZero(text) ? $"{char.ToUpperInvariant(name[0])}{name[1..]} number must not contain leading zeroes {GoText.Quote(text)}"
            : RangeFault(text, out value);
        return error is null;
    }

    private static string? RangeFault(string text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) ? null
        : $"strconv.ParseUint: parsing {GoText.Quote(text)}: {(text.Length == 0 ? "invalid syntax" : "value out of range")}";

    private static string? PrereleaseFault(string text) =>
        text.Length == 0 ? "Prerelease is empty"
        : !IsIdentifier(text) ? $"Invalid character(s) found in prerelease {GoText.Quote(text)}"
        : !text.All(char.IsAsciiDigit) ? null
        : HasLeadingZero(text) ? $"Numeric PreRelease version must not contain leading zeroes {GoText.Quote(text)}"
        : RangeFault(text, out _);

    private static string? BuildFault(string text) =>
        text.Length == 0 ? "Build meta data is empty"
        : !IsIdentifier(text) ? $"Invalid character(s) found in build meta data {GoText.Quote(text)}"
        : null;

    private static bool IsIdentifier(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static bool HasLeadingZero(string text) => text.Length > 1 && text[0] == '0';
}
