using System.Text.Json.Serialization.Metadata;
using Capstan;

namespace Databases.Resources;

/// <summary>A copy of the rows of a Database, made once or on a schedule.</summary>
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Database", ".spec.databaseRef.name")]
[PrinterColumn("Schedule", ".spec.schedule")]
[PrinterColumn("Last Backup", ".status.backupTime", Type = "date")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
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
public sealed record BackupSpec
{
    /// <summary>Database of the same namespace to copy.</summary>
    public ObjectName DatabaseRef { get; set; } = new();

    /// <summary>When, as in a CronJob: minute, hour, day of month, month, day of week. Default: once, now.</summary>
    [Schema(MaxLength = 256)]
    public string? Schedule { get; set; }

    /// <summary>Copies to keep; older ones are removed.</summary>
    [Schema(Default = 5, Minimum = 1, Maximum = 1000)]
    public int? Retention { get; set; }

    /// <summary>PersistentVolumeClaim of the same namespace for the copies. Default: one that is made for the Database.</summary>
    [Schema(MaxLength = 253)]
    public string? StorageLocation { get; set; }
}

/// <summary>Observed state of a <see cref="Backup"/>.</summary>
public sealed record BackupStatus
{
    /// <summary>Pending, InProgress, Completed (the newest copy was read back) or Failed.</summary>
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

    /// <summary><c>metadata.generation</c> that this status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>BackupReady: whether there is a copy that can be restored.</summary>
    public List<Condition>? Conditions { get; set; }
}
