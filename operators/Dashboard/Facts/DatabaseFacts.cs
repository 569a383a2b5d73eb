using System.Text.Json.Serialization;

namespace Capstan.Dashboard.Facts;

/// <summary>What is kept, and shown, of a Database.</summary>
internal sealed record DatabaseFacts(string Namespace, string Name, string Phase)
{
    /// <summary>Whether it can be used as it is wanted.</summary>
    public bool Ready { get; init; }

    /// <summary>Servers wanted.</summary>
    public long Replicas { get; init; }

    /// <summary>Servers ready.</summary>
    public long ReadyReplicas { get; init; }

    /// <summary>Pod that takes writes.</summary>
    public string? Primary { get; init; }

    /// <summary>The standbys as the primary sees them.</summary>
    public IReadOnlyList<StandbyAnswer> Standbys { get; init; } = [];

    /// <summary>Image of its servers.</summary>
    public string? Image { get; init; }

    /// <summary>Size of each volume.</summary>
    public string? Storage { get; init; }

    /// <summary>Why it is not ready.</summary>
    public string? Reason { get; init; }

    /// <summary>The same, for people.</summary>
    public string? Message { get; init; }

    /// <summary>State of the last switchover.</summary>
    public string? Switchover { get; init; }

    /// <summary>Its key.</summary>
    [JsonIgnore]
    public ObjectKey Key => new(Namespace, Name);

    /// <summary>Reads a Database.</summary>
    public static DatabaseFacts Read(DynamicObject database)
    {
        using var document = JsonFacts.Open(database);
        var root = document.RootElement;
        var status = root.At("status");
        var unready = root.Conditions().FirstOrDefault(one => one is { Type: "Ready", Status: not "True" });
        return new(database.Key.Namespace, database.Key.Name, status.Text("phase") ?? "New")
        {
            Ready = status.Flag("ready") == true && unready is null,
            Replicas = root.Number("spec", "replicas") ?? 1,
            ReadyReplicas = status.Number("readyReplicas") ?? 0,
            Primary = status.Text("primary"),
            Standbys = [.. status.Items("standbys").Take(20).Select(one => new StandbyAnswer(one.Text("pod") ?? "", one.Text("state") ?? "", one.Number("lagMebibytes") ?? 0))],
            Image = root.Text("spec", "image"),
            Storage = root.Text("spec", "storage", "size"),
            Reason = unready?.Reason,
            Message = unready?.Message,
            Switchover = status.Text("switchover", "state"),
        };
    }
}

/// <summary>What is kept, and shown, of a Backup or a Restore.</summary>
internal sealed record CopyFacts(string Kind, string Namespace, string Name, string Database, string Phase)
{
    /// <summary>When it is made again; of a Backup with a schedule.</summary>
    public string? Schedule { get; init; }

    /// <summary>Backup that a Restore takes.</summary>
    public string? Backup { get; init; }

    /// <summary>Copies that there are.</summary>
    public long? Copies { get; init; }

    /// <summary>Size of the newest.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>When the newest was completed, or the rows were restored.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>What is done or waited for, or why it failed.</summary>
    public string? Message { get; init; }

    /// <summary>Its key.</summary>
    [JsonIgnore]
    public ObjectKey Key => new(Namespace, Name);

    /// <summary>The Database's key.</summary>
    [JsonIgnore]
    public ObjectKey DatabaseKey => new(Namespace, Database);

    /// <summary>Reads a Backup or a Restore.</summary>
    public static CopyFacts Read(DynamicObject copy)
    {
        using var document = JsonFacts.Open(copy);
        var root = document.RootElement;
        var status = root.At("status");
        var conditions = root.Conditions();
        return new(copy.Kind, copy.Key.Namespace, copy.Key.Name, root.Text("spec", "databaseRef", "name") ?? "", status.Text("phase") ?? "New")
        {
            Schedule = root.Text("spec", "schedule"),
            Backup = root.Text("spec", "backupRef", "name"),
            Copies = status.Number("backupCount"),
            SizeBytes = status.Number("sizeBytes"),
            At = status.Time("backupTime") ?? status.Time("restoreTime"),
            Message = (conditions.FirstOrDefault(one => one.Type == "Progressing") ?? conditions.FirstOrDefault(one => one.Status == "False"))?.Message,
        };
    }
}
