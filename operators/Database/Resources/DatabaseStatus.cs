using Capstan;

namespace Databases.Resources;

/// <summary>Observed state of a <see cref="Database"/>.</summary>
public sealed record DatabaseStatus
{
    /// <summary>Where the Database stands: Pending (waits for a backup), Provisioning and Configuring (its objects are made), Deploying (its pods start), Verifying (roles
    /// and replication are set up inside PostgreSQL), Ready, or Failed (the conditions say why; it is tried again).</summary>
    [Schema(Enum = [Phases.Pending, Phases.Creating, Phases.Provisioning, Phases.Configuring, Phases.Deploying, Phases.Verifying, Phases.Ready, Phases.Failed])]
    public string? Phase { get; set; }

    /// <summary>True once all servers are ready and PostgreSQL was asked; absent before.</summary>
    public bool? Ready { get; set; }

    /// <summary>Host and port of the primary within the cluster.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Secret that applications connect with.</summary>
    public string? SecretName { get; set; }

    /// <summary>Pod that takes writes. It stays the primary when its process or its pod dies: nothing fails over by itself.</summary>
    public string? Primary { get; set; }

    /// <summary>The image that all servers run, and were ready with.</summary>
    public string? Image { get; set; }

    /// <summary>Servers that are ready.</summary>
    public int? ReadyReplicas { get; set; }

    /// <summary>The standbys that stream, as the primary sees them.</summary>
    [Schema(MaxItems = 10, ListType = Capstan.Schemas.ListType.Map, ListMapKeys = ["pod"])]
    public List<StandbyStatus>? Standbys { get; set; }

    /// <summary>The switchover that was asked for last, and what came of it.</summary>
    public SwitchoverStatus? Switchover { get; set; }

    /// <summary>Versions of all that was set up inside PostgreSQL last; for the operator.</summary>
    public string? SetUp { get; set; }

    /// <summary><c>metadata.generation</c> that this status speaks of.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>Ready: whether the database can be used as it is wanted. Progressing: whether the operator is still at it.</summary>
    public List<Condition>? Conditions { get; set; }
}

/// <summary>One standby as the primary sees it.</summary>
public sealed record StandbyStatus
{
    /// <summary>Its pod.</summary>
    public string Pod { get; set; } = "";

    /// <summary>PostgreSQL's word for its replication: streaming, catchup, startup, backup; disconnected when there is none.</summary>
    public string State { get; set; } = "";

    /// <summary>Write-ahead log that it has not replayed yet, in whole mebibytes, rounded down.</summary>
    public long LagMebibytes { get; set; }

    /// <summary>Since when its server runs without being connected to the primary; after a minute of that it is restarted.</summary>
    public DateTimeOffset? DisconnectedSince { get; set; }
}

/// <summary>A switchover and where it stands.</summary>
public sealed record SwitchoverStatus
{
    /// <summary>Pod that is to be the primary.</summary>
    public string Target { get; set; } = "";

    /// <summary>Value that the annotation database.example.com/switchover had; another one is another request.</summary>
    [Schema(Optional = true)]
    public string Request { get; set; } = "";

    /// <summary>Stopping (the primary takes no writes), Demoting (its pod ends, then the target is promoted), Completed or Refused.</summary>
    [Schema(Enum = [Stopping, Demoting, Completed, Refused])]
    public string State { get; set; } = "";

    /// <summary>The pod that was the primary.</summary>
    public string? FormerPodUid { get; set; }

    /// <summary>When it was completed or refused.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>For people.</summary>
    public string? Message { get; set; }

    internal const string Stopping = "Stopping";
    internal const string Demoting = "Demoting";
    internal const string Completed = "Completed";
    internal const string Refused = "Refused";
}

/// <summary>Values of <see cref="DatabaseStatus.Phase"/>.</summary>
public static class Phases
{
#pragma warning disable CS1591 // DatabaseStatus.Phase says what each means
    public const string Pending = "Pending";
    public const string Creating = "Creating";
    public const string Provisioning = "Provisioning";
    public const string Configuring = "Configuring";
    public const string Deploying = "Deploying";
    public const string Verifying = "Verifying";
    public const string Ready = "Ready";
    public const string Failed = "Failed";
#pragma warning restore CS1591

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Creating, Provisioning, Configuring, Deploying, Verifying, Ready, Failed];
}
