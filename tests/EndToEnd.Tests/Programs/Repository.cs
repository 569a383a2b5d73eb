namespace EndToEnd.Tests.Programs;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    private static readonly Lazy<string> _root = new(() =>
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Capstan.slnx")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException("these tests run within the repository");
    });

    /// <summary>Full path of something in it.</summary>
    public static string Of(params string[] path) => Path.Combine([_root.Value, .. path]);
}
