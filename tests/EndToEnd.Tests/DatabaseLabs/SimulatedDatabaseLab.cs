namespace EndToEnd.Tests.DatabaseLabs;

/// <summary>The same cluster where PostgreSQL is not installed: the servers are simulated, so that there can be many; the operator is a process, as ever.</summary>
public sealed class SimulatedDatabaseLab : DatabaseLab
{
    /// <inheritdoc/>
    private protected override bool NeedsPostgres => false;

    /// <inheritdoc/>
    private protected override IEnumerable<string> Arguments(string home)
    {
        var images = Path.Combine(home, "images.json");
        File.WriteAllText(images, """{"images": [{"image": "postgres", "entrypoint": ["/not/installed/postgres"]}]}""");
        return ["--images", images];
    }
}
