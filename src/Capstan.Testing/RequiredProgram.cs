namespace Capstan.Testing;

/// <summary>A program that some tests need on the machine. Without it they are skipped, unless <c>CAPSTAN_REQUIRE</c> (a comma list of names) demands it.</summary>
public sealed record RequiredProgram
{
    private RequiredProgram(string name, string? path)
    {
        Name = name;
        Path = path;
    }

    /// <summary>Name of the executable, for example <c>kubectl</c>.</summary>
    public string Name { get; }

    /// <summary>Full path of the executable; null when the machine has none.</summary>
    public string? Path { get; }

    /// <summary>Why a test that needs the program is skipped; null when it can run.</summary>
    public string? SkipReason => Path is null ? $"{Name} is not on this machine (CAPSTAN_REQUIRE={Name} makes that a failure)" : null;

    /// <summary>Looks along <c>PATH</c>.</summary>
    /// <exception cref="FileNotFoundException">The program is missing, and <c>CAPSTAN_REQUIRE</c> names it.</exception>
    public static RequiredProgram Find(string name) =>
        Find(name, Environment.GetEnvironmentVariable("PATH"), Environment.GetEnvironmentVariable("CAPSTAN_REQUIRE"));

    internal static RequiredProgram Find(string name, string? searchPath, string? demanded)
    {
        var found = (searchPath ?? "")
            .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => System.IO.Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        var isDemanded = (demanded ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Contains(name, StringComparer.Ordinal);
        return found is null && isDemanded
            ? throw new FileNotFoundException($"{name} is not on this machine, and CAPSTAN_REQUIRE={demanded} demands it")
            : new RequiredProgram(name, found);
    }
}
