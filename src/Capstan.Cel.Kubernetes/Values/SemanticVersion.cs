using System.Globalization;
using System.Text;

namespace Capstan.Cel.Kubernetes;

/// <summary>A semantic version 2.0. Equality and order follow its precedence, so build metadata does not count. Immutable.</summary>
public sealed class SemanticVersion : IEquatable<SemanticVersion>, IComparable<SemanticVersion>
{
    private readonly string[] _prerelease;
    private readonly string[] _build;

    internal SemanticVersion(ulong major, ulong minor, ulong patch, string[] prerelease, string[] build)
    {
        (Major, Minor, Patch, _prerelease, _build) = (major, minor, patch, prerelease, build);
    }

    /// <summary>The first number. CEL has it as int: beyond 2^63-1 it wraps there.</summary>
    public ulong Major { get; }

    /// <summary>The second number.</summary>
    public ulong Minor { get; }

    /// <summary>The third number.</summary>
    public ulong Patch { get; }

    /// <summary>Reads a version; <paramref name="error"/> says why it is none.</summary>
    /// <param name="text">The version.</param>
    /// <param name="normalize">Take a leading <c>v</c>, missing minor and patch, and leading zeros of the three numbers too. White space is never taken.</param>
    /// <param name="version">The version, if it is one.</param>
    /// <param name="error">The message of Kubernetes, if it is not.</param>
    public static bool TryParse(string text, bool normalize, out SemanticVersion? version, out string? error)
    {
        error = null;
        var plain = normalize ? SemanticVersionReader.Normalize(text, out error) : text;
        version = error is null ? SemanticVersionReader.Read(plain, out error) : null;
        return version is not null;
    }

    /// <summary>Orders by precedence: -1, 0 or 1. A release comes after its prereleases.</summary>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        var numbers = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        if (numbers != 0)
        {
            return numbers;
        }

        if (_prerelease.Length == 0 || other._prerelease.Length == 0)
        {
            return (_prerelease.Length == 0).CompareTo(other._prerelease.Length == 0);
        }

        for (var i = 0; i < _prerelease.Length && i < other._prerelease.Length; i++)
        {
            var part = ComparePrerelease(_prerelease[i], other._prerelease[i]);
            if (part != 0)
            {
                return part;
            }
        }

        return _prerelease.Length.CompareTo(other._prerelease.Length);
    }

    /// <inheritdoc/>
    public bool Equals(SemanticVersion? other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SemanticVersion);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Major, Minor, Patch, string.Join('.', _prerelease));

    /// <summary><c>major.minor.patch[-prerelease][+build]</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
        if (_prerelease.Length > 0)
        {
            text.Append('-').AppendJoin('.', _prerelease);
        }

        return (_build.Length > 0 ? text.Append('+').AppendJoin('.', _build) : text).ToString();
    }

    /// <summary>Whether <paramref name="left"/> and <paramref name="right"/> are of equal precedence.</summary>
    public static bool operator ==(SemanticVersion? left, SemanticVersion? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether <paramref name="left"/> and <paramref name="right"/> differ in precedence.</summary>
    public static bool operator !=(SemanticVersion? left, SemanticVersion? right) => !(left == right);

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(SemanticVersion? left, SemanticVersion? right) => left is null ? right is not null : left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes later.</summary>
    public static bool operator >(SemanticVersion? left, SemanticVersion? right) => right < left;

    /// <summary>Whether <paramref name="left"/> does not come later.</summary>
    public static bool operator <=(SemanticVersion? left, SemanticVersion? right) => !(right < left);

    /// <summary>Whether <paramref name="left"/> does not come first.</summary>
    public static bool operator >=(SemanticVersion? left, SemanticVersion? right) => !(left < right);

    /// <summary>Numbers come before words.</summary>
    private static int ComparePrerelease(string left, string right)
    {
        var (leftNumeric, rightNumeric) = (left.All(char.IsAsciiDigit), right.All(char.IsAsciiDigit));
        if (leftNumeric != rightNumeric)
        {
            return leftNumeric ? -1 : 1;
        }

        // Without leading zeros the longer number is the larger.
        var byLength = leftNumeric ? left.Length.CompareTo(right.Length) : 0;
        return byLength != 0 ? byLength : Math.Sign(string.CompareOrdinal(left, right));
    }
}
