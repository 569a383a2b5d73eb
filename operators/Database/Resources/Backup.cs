using System.Text.Json.Serialization.Metadata;
using Capstan;

namespace Databases.Resources;

/// <summary>A copy of the rows of a Database, made once or on a schedule.</summary>
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Database", ".spec.databaseRef.name")]
[PrinterColumn("Schedule", ".spec.schedule")]
[PrinterColumn("Last Backup", ".status.backupTime", Type = "date")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[PrinterColumn("Copies", ".status.backupCount", Type = "integer", Priority = 1)]
[PrinterColumn("Bytes", ".status.sizeBytes", Type = "integer", Priority = 1)]
[CelRule("self.metadata.name.size() <= 63", Message = "metadata.name must be at most 63 characters: Jobs are labelled with it")]
public sealed record Backup : KubeObject, IKubeObject<Backup>
{
    /// <summary>What is wanted.</summary>
    public BackupSpec Spec { get; set; } = new();

    /// <summary>What there is; written by the operator alone.</summary>
    public BackupStatus? Status { get; set; }

    /// <inheritdoc/>
    public static ResourceType Resource { get; } = new("database.example.com", "v1", "Backup", "backups", Namespaced: true);

    /// <inheritdoc/>
    public static JsonTypeInfo<Backup> JsonTypeInfo => ResourcesJson.Default.Backup;
}

/// <summary>Desired state of a <see cref="Backup"/>.</summary>
[CelRule("has(self.schedule) == has(oldSelf.schedule)", Message = "a schedule cannot be added or taken away: make another Backup")]
[CelRule("has(self.storageLocation) == has(oldSelf.storageLocation) && (!has(self.storageLocation) || self.storageLocation == oldSelf.storageLocation)", Message = "storageLocation is immutable: the copies are there")]
public sealed record BackupSpec
{
    /// <summary>Database of the same namespace to copy; cannot be changed.</summary>
    [CelRule("self == oldSelf", Message = "databaseRef is immutable: make another Backup")]
    public ObjectName DatabaseRef { get; set; } = new();

    /// <summary>When, as in a CronJob and in UTC: minute, hour, day of month, month, day of week. Default: once, now.</summary>
    [Schema(MaxLength = 256, Pattern = @"^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|@every [0-9a-z.]+|\s*[0-9A-Za-z*?/,-]+(\s+[0-9A-Za-z*?/,-]+){4}\s*)$")]
    public string? Schedule { get; set; }

    /// <summary>Whether no further copies are made by the schedule for now. Default false.</summary>
    public bool? Suspend { get; set; }

    /// <summary>Copies to keep; older ones of this Backup are removed after the next that is made.</summary>
    [Schema(Default = 5, Minimum = 1, Maximum = 1000)]
    public int? Retention { get; set; }

    /// <summary>PersistentVolumeClaim of the same namespace for the copies; cannot be changed. Default: one that is made for the Database, as large as its volume.</summary>
    [Schema(MinLength = 1, MaxLength = 253, Pattern = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? StorageLocation { get; set; }
}

/// <summary>Observed state of a <see cref="Backup"/>.</summary>
public sealed record BackupStatus
{
    /// <summary>Pending, InProgress, Completed (the copy was read back) or Failed. With a schedule: of the newest run. Without one the last two are final.</summary>
    [Schema(Enum = ["Pending", "InProgress", "Completed", "Failed"])]
    public string? Phase { get; set; }

    /// <summary>When the newest copy was completed.</summary>
    public DateTimeOffset? BackupTime { get; set; }

    /// <summary>Where the newest copy is: claim and path.</summary>
    public string? BackupLocation { get; set; }

    /// <summary>Time of the schedule that was served last.</summary>
    public DateTimeOffset? LastScheduledTime { get; set; }

    /// <summary>Copies that there are.</summary>
    public int? BackupCount { get; set; }

    /// <summary>Size of the newest copy.</summary>
    public long? SizeBytes { get; set; }

    /// <summary>SHA-256 of the newest copy, in hex.</summary>
    public string? Checksum { get; set; }

    /// <summary>The run that ended last.</summary>
    public BackupRun? LastRun { get; set; }

    /// <summary>The Database as it was, for a Restore into a new one.</summary>
    public BackupSource? Source { get; set; }

    /// <summary><c>metadata.generation</c> that this status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>BackupReady: whether there is a copy that can be restored. Progressing: what is done or waited for, and why the newest run failed.</summary>
    public List<Condition>? Conditions { get; set; }
}

/// <summary>One run of a <see cref="Backup"/>: a Job that has ended.</summary>
public sealed record BackupRun
{
    /// <summary>Its Job.</summary>
    public string Job { get; set; } = "";

    /// <summary>When it ended.</summary>
    public DateTimeOffset EndedAt { get; set; }

    /// <summary>Whether it left a copy that was read back.</summary>
    public bool Succeeded { get; set; }

    /// <summary>For people.</summary>
    public string Message { get; set; } = "";
}
