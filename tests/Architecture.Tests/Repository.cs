using System.Runtime.CompilerServices;

namespace Architecture.Tests;

/// <summary>The checkout that this test was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static string Of(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>C# files below a folder, without what the build puts there.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    // Deterministic builds may map source paths; then the test finds the root from where it runs.
    private static string ThisFile([CallerFilePath] string path = "")
    {
        if (File.Exists(path))
        {
            return path;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Capstan.slnx")))
            {
                return Path.Combine(folder.FullName, "tests", "Architecture.Tests", "Repository.cs");
            }
        }

        throw new InvalidOperationException($"no Capstan.slnx above {AppContext.BaseDirectory}");
    }
}
