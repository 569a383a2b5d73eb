namespace Recordings.Tests.Recorded;

/// <summary>Where the recordings lie, and the repository that is judged by them.</summary>
internal static class RecordingFolder
{
    public const string Variable = "CAPSTAN_RECORDINGS";

    public const string Absent = "the recordings are not in ../shared/recordings, and " + Variable + " names no folder";

    /// <summary>The areas, which are folders of the recordings.</summary>
    public static readonly string[] Areas = ["access", "apply", "builtin", "crd", "crud", "kubectl", "patch", "watch"];

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = Above("Capstan.slnx") ?? throw new InvalidOperationException("these tests run within the repository");

    /// <summary>The folder that the environment names, else the one beside the repository (a worktree lies one folder deeper); null where it is absent.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? System.IO.Path.GetFullPath(named)
        : Above("shared/recordings") is { } above ? System.IO.Path.Combine(above, "shared", "recordings") : null;

    /// <summary>Names of an area's conversations, such as <c>crud/limits</c>, in order.</summary>
    public static IReadOnlyList<string> Names(string area)
    {
        var folder = Path is null ? null : System.IO.Path.Combine(Path, area);
        return folder is null || !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder, "*.json").Select(file => $"{area}/{System.IO.Path.GetFileNameWithoutExtension(file)}").Order(StringComparer.Ordinal)];
    }

    private static string? Above(string entry)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.Path.Exists(System.IO.Path.Combine(directory.FullName, entry)))
            {
                return directory.FullName;
            }
        }

        return null;
    }
}
