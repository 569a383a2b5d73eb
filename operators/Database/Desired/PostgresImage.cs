using System.Globalization;
using System.Text.RegularExpressions;

namespace Databases.Desired;

/// <summary>What the name of an image tells about the PostgreSQL in it.</summary>
/// <param name="Repository">Name without registry path, tag and digest, for example <c>postgres</c>.</param>
/// <param name="Major">Major version; null when the tag does not say.</param>
/// <param name="IsAlpine">Whether it is built on Alpine: another C library, which sorts text differently, and another user id.</param>
internal sealed partial record PostgresImage(string Repository, int? Major, bool IsAlpine)
{
    /// <summary>Whether the last part of the repository has <c>postgres</c> as a word: <c>postgres</c>, <c>team/my-postgres</c>, <c>postgresql</c>; not <c>postgres/nginx</c>.</summary>
    public bool IsPostgres => PostgresWord().IsMatch(Repository);

    /// <summary>Who runs the server in the official images: the owner of the data files.</summary>
    public int UserId => IsAlpine ? 70 : 999;

    public static PostgresImage Parse(string image)
    {
        var name = image.Split('@')[0];
        name = name[(name.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var (repository, tag) = colon < 0 ? (name, "") : (name[..colon], name[(colon + 1)..]);
        var digits = LeadingDigits().Match(tag).Value;
        return new(repository, int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null, tag.Contains("alpine", StringComparison.Ordinal));
    }

    /// <summary>Why data files of this image cannot be opened by another; null when they can, as far as the names tell.</summary>
    public string? WhyNotTo(PostgresImage other) =>
        Major is { } from && other.Major is { } to && from != to ? $"data files of PostgreSQL {from} cannot be opened by {to}: make a backup and restore it into a new Database"
        : IsAlpine != other.IsAlpine ? "Debian's and Alpine's C libraries sort text differently, which corrupts indexes, and their files have different owners: make a backup and restore it into a new Database"
        : null;

    [GeneratedRegex(@"(^|[-_.])postgres(ql)?($|[-_.])")]
    private static partial Regex PostgresWord();

    [GeneratedRegex("^[0-9]+")]
    private static partial Regex LeadingDigits();
}
