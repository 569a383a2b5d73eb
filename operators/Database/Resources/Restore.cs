using System.Text.Json.Serialization.Metadata;
using Capstan;

namespace Databases.Resources;

/// <summary>Puts the rows of a Backup into a Database, once.</summary>
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Database", ".spec.databaseRef.name")]
[PrinterColumn("Backup", ".spec.backupRef.name")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[CelRule("self.metadata.name.size() <= 63", Message = "metadata.name must be at most 63 characters: Jobs are labelled with it")]
[CelRule("self.spec == oldSelf.spec", Message = "a Restore runs once as it was made: delete it and make another")]
public sealed record Restore : KubeObject, IKubeObject<Restore>
{
    /// <summary>What is wanted.</summary>
    public RestoreSpec Spec { get; set; } = new();

    /// <summary>What there is; written by the operator alone.</summary>
    public RestoreStatus? Status { get; set; }

    /// <inheritdoc/>
    public static ResourceType Resource { get; } = new("database.example.com", "v1", "Restore", "restores", Namespaced: true);

    /// <inheritdoc/>
    public static JsonTypeInfo<Restore> JsonTypeInfo => ResourcesJson.Default.Restore;
}

/// <summary>Desired state of a <see cref="Restore"/>.</summary>
public sealed record RestoreSpec
{
    /// <summary>Database that gets the rows. Made from the backup's Database if it does not exist.</summary>
    public ObjectName DatabaseRef { get; set; } = new();

    /// <summary>Backup of the same namespace, which must be completed.</summary>
    public ObjectName BackupRef { get; set; } = new();

    /// <summary>Overwrite a Database that exists already: what it has is replaced. Default false.</summary>
    public bool? InPlace { get; set; }
}

/// <summary>Observed state of a <see cref="Restore"/>.</summary>
public sealed record RestoreStatus
{
    /// <summary>Pending, InProgress, Completed or Failed; the last two are final.</summary>
    [Schema(Enum = ["Pending", "InProgress", "Completed", "Failed"])]
    public string? Phase { get; set; }

    /// <summary>When the rows were all there.</summary>
    public DateTimeOffset? RestoreTime { get; set; }

    /// <summary>The copy: claim and path.</summary>
    public string? BackupLocation { get; set; }

    /// <summary>SHA-256 that the copy must have, in hex.</summary>
    public string? Checksum { get; set; }

    /// <summary><c>metadata.generation</c> that this status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>RestoreReady: whether the Database has the rows of the backup, else what is done or waited for, or why it failed.</summary>
    public List<Condition>? Conditions { get; set; }
}
