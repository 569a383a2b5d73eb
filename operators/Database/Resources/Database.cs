using System.Text.Json.Serialization.Metadata;
using Capstan;

namespace Databases.Resources;

/// <summary>A PostgreSQL database: one primary and, with more than one replica, standbys that stream from it.</summary>
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Replicas", ".spec.replicas", Type = "integer")]
[PrinterColumn("Ready", ".status.ready", Type = "boolean")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
[PrinterColumn("Primary", ".status.primary", Priority = 1)]
[PrinterColumn("Image", ".spec.image", Priority = 1)]
[SelectableField(".spec.environment")]
[SelectableField(".spec.image")]
[CelRule("self.metadata.name.size() <= 50 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    Message = "metadata.name must be at most 50 lower-case letters, digits and hyphens, and begin with a letter: pods and Services are named after it")]
public sealed record Database : KubeObject, IKubeObject<Database>
{
    /// <summary>What is wanted.</summary>
    public DatabaseSpec Spec { get; set; } = new();

    /// <summary>What there is; written by the operator alone.</summary>
    public DatabaseStatus? Status { get; set; }

    /// <inheritdoc/>
    public static ResourceType Resource { get; } = new("database.example.com", "v1", "Database", "databases", Namespaced: true);

    /// <inheritdoc/>
    public static JsonTypeInfo<Database> JsonTypeInfo => ResourcesJson.Default.Database;
}

/// <summary>Desired state of a <see cref="Database"/>.</summary>
public sealed record DatabaseSpec
{
    /// <summary>PostgreSQL image. Another tag of the same major version and C library is rolled out; any other is refused, for the data files would not fit it.</summary>
    [Schema(Default = "postgres:14", MinLength = 1, MaxLength = 512)]
    public string Image { get; set; } = "postgres:14";

    /// <summary>Servers: one is the primary, the others are its standbys. There is no automatic failover.</summary>
    [Schema(Default = 1, Minimum = 1, Maximum = 10)]
    public int? Replicas { get; set; }

    /// <summary>The volume of each server.</summary>
    public DatabaseStorage Storage { get; set; } = new();

    /// <summary>Processor and memory of each server.</summary>
    public ResourceNeeds? Resources { get; set; }

    /// <summary>Name of the database in PostgreSQL; cannot be changed. At most 63 bytes.</summary>
    [Schema(MinLength = 1, MaxLength = 63)]
    [CelRule("self == oldSelf", Message = "databaseName is immutable")]
    [CelRule("bytes(self).size() <= 63", Message = "databaseName must be at most 63 bytes: PostgreSQL would cut it")]
    [CelRule("!(self in ['template0', 'template1'])", Message = "databaseName must not be one of PostgreSQL's templates")]
    public string DatabaseName { get; set; } = "";

    /// <summary>Role that owns the database, and that applications log in as; no superuser. Cannot be changed. At most 63 bytes.</summary>
    [Schema(MinLength = 1, MaxLength = 63)]
    [CelRule("self == oldSelf", Message = "username is immutable")]
    [CelRule("bytes(self).size() <= 63", Message = "username must be at most 63 bytes: PostgreSQL would cut it")]
    [CelRule("!self.startsWith('pg_')", Message = "username must not begin with pg_, which PostgreSQL keeps for itself")]
    [CelRule("!(self in ['postgres', 'streaming_replica', 'public', 'none'])", Message = "username must not be a role of the operator's or of PostgreSQL's own")]
    public string Username { get; set; } = "";

    /// <summary>Backup of another Database that must be ready before this one is made.</summary>
    public ObjectName? BackupRef { get; set; }

    /// <summary>Any word, such as production, to select by: <c>kubectl get databases --field-selector spec.environment=production</c>.</summary>
    [Schema(MaxLength = 253)]
    public string? Environment { get; set; }

    /// <summary>Age at which the password of the role is replaced, such as 720h; a connection that is open stays. Default: never.</summary>
    [Schema(MaxLength = 32, Pattern = "^([0-9]+(h|m|s))+$")]
    public string? PasswordMaxAge { get; set; }
}

/// <summary>The volume of a server.</summary>
[CelRule("!has(oldSelf.storageClass) || (has(self.storageClass) && self.storageClass == oldSelf.storageClass)", Message = "storageClass cannot be changed: volumes keep the one that they were made with")]
public sealed record DatabaseStorage
{
    /// <summary>Size in Mi or Gi; it can grow, where the StorageClass allows that, and never shrink.</summary>
    [Schema(Pattern = "^[0-9]+(Gi|Mi)$", MaxLength = 20)]
    [CelRule("!self.matches('^0+(Gi|Mi)$')", Message = "storage.size must be more than nothing")]
    [CelRule("quantity(self).compareTo(quantity(oldSelf)) >= 0", Message = "storage.size cannot be decreased")]
    public string Size { get; set; } = "";

    /// <summary>StorageClass of the volumes. Default: standard, where the admission webhook runs; else the cluster's own default.</summary>
    [Schema(MaxLength = 253)]
    public string? StorageClass { get; set; }
}

/// <summary>Processor and memory, as in a container.</summary>
public sealed record ResourceNeeds
{
    /// <summary>At most so much, such as cpu: 500m, memory: 1Gi.</summary>
    [Schema(MaxProperties = 16)]
    public Dictionary<string, Quantity>? Limits { get; set; }

    /// <summary>At least so much.</summary>
    [Schema(MaxProperties = 16)]
    public Dictionary<string, Quantity>? Requests { get; set; }
}

/// <summary>Names an object of the same namespace.</summary>
public sealed record ObjectName
{
    /// <summary>Its name.</summary>
    [Schema(MinLength = 1, MaxLength = 253)]
    public string Name { get; set; } = "";
}
