namespace Databases.Resources;

/// <summary>What a Database was when it was copied: enough to make another like it after it is gone.</summary>
/// <remarks>Not the spec itself: its rules about changes do not hold between one Database and the next of its name.</remarks>
public sealed record BackupSource
{
    /// <summary>PostgreSQL image.</summary>
    public string Image { get; set; } = "";

    /// <summary>Servers.</summary>
    public int? Replicas { get; set; }

    /// <summary>Size of the volume of each.</summary>
    public string StorageSize { get; set; } = "";

    /// <summary>StorageClass of the volumes.</summary>
    public string? StorageClass { get; set; }

    /// <summary>Processor and memory of each server.</summary>
    public ResourceNeeds? Resources { get; set; }

    /// <summary>Name of the database in PostgreSQL.</summary>
    public string DatabaseName { get; set; } = "";

    /// <summary>Role that owned it.</summary>
    public string Username { get; set; } = "";

    /// <summary>Word to select by.</summary>
    public string? Environment { get; set; }

    /// <summary>Age at which passwords are replaced.</summary>
    public string? PasswordMaxAge { get; set; }

    internal static BackupSource Of(DatabaseSpec spec) => new()
    {
        Image = spec.Image,
        Replicas = spec.Replicas,
        StorageSize = spec.Storage.Size,
        StorageClass = spec.Storage.StorageClass,
        Resources = spec.Resources,
        DatabaseName = spec.DatabaseName,
        Username = spec.Username,
        Environment = spec.Environment,
        PasswordMaxAge = spec.PasswordMaxAge,
    };

    /// <summary>A Database like it.</summary>
    internal DatabaseSpec ToSpec() => new()
    {
        Image = Image,
        Replicas = Replicas,
        Storage = new() { Size = StorageSize, StorageClass = StorageClass },
        Resources = Resources,
        DatabaseName = DatabaseName,
        Username = Username,
        Environment = Environment,
        PasswordMaxAge = PasswordMaxAge,
    };
}
