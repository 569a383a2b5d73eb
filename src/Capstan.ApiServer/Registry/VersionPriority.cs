using System.Globalization;

namespace Capstan.ApiServer.Registry;

/// <summary>Kubernetes' order of versions: stable before beta before alpha, higher numbers first; whatever is not of that form last, by name.</summary>
internal sealed class VersionPriority : IComparer<string>
{
    public static readonly VersionPriority Instance = new();

    public int Compare(string? x, string? y)
    {
        var left = Rank(x!);
        var right = Rank(y!);
        if (left is null || right is null)
        {
            return left is null && right is null ? string.CompareOrdinal(x, y) : left is null ? 1 : -1;
        }

        return right.Value.CompareTo(left.Value);
    }

    /// <summary>Stability (alpha 0, beta 1, stable 2), major and minor number; null when the version is not of the form v1, v1beta1, v1alpha1.</summary>
    private static (int Stability, long Major, long Minor)? Rank(string version)
    {
        if (!version.StartsWith('v'))
        {
            return null;
        }

        var rest = version.AsSpan(1);
        var digits = rest.IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? rest.Length : end;
        if (digits == 0 || rest[0] == '0' || !long.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var major))
        {
            return null;
        }

        rest = rest[digits..];
        if (rest.IsEmpty)
        {
            return (2, major, 0);
        }

        var stability = rest.StartsWith("alpha") ? 0 : rest.StartsWith("beta") ? 1 : -1;
        rest = stability == 0 ? rest[5..] : stability == 1 ? rest[4..] : default;
        return stability >= 0 && rest.Length > 0 && rest[0] != '0' && long.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? (stability, major, minor)
            : null;
    }
}
