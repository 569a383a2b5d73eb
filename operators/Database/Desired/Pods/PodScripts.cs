namespace Databases.Desired.Pods;

/// <summary>The shell scripts that pods run, each written once: the tests run these very texts.</summary>
internal static class PodScripts
{
    /// <summary>Makes the data directory ready: new, cloned, rewound or as it is.</summary>
    public static string Prepare { get; } = Read("prepare.sh");

    /// <summary>Runs the server until it is told to stop.</summary>
    public static string Run { get; } = Read("run.sh");

    /// <summary>Copies a database to a file.</summary>
    public static string BackUp { get; } = Read("backup.sh");

    /// <summary>Puts a database in the place of another, from a file.</summary>
    public static string Restore { get; } = Read("restore.sh");

    /// <summary>Succeeds when the server takes connections.</summary>
    public const string TakesConnections = """exec pg_isready -q -h "$POD_IP" -d postgres""";

    /// <summary>Succeeds when there is a server, be it one that still recovers (1): to restart that would make it begin again.</summary>
    public const string IsAlive = """pg_isready -q -h "$POD_IP" -d postgres; [ $? -le 1 ]""";

    private static string Read(string name)
    {
        using var stream = typeof(PodScripts).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
