using Capstan;

namespace Databases;

/// <summary>How the operator runs.</summary>
public sealed record DatabaseOperatorOptions
{
    /// <summary>Namespace of the operator: of its Lease and its certificate. <c>POD_NAMESPACE</c>, default <c>postgres-operator-system</c>.</summary>
    public string OperatorNamespace { get; init; } = Manifests.Namespace;

    /// <summary>Databases that are reconciled at once. Default 2.</summary>
    public int MaxConcurrentReconciles { get; init; } = 2;

    /// <summary>How keys are handed to the reconciler. Default one by one.</summary>
    public ReconcileMode Mode { get; init; } = ReconcileMode.Single;

    /// <summary>Databases of one <c>spec.environment</c> that take up the same new image at once; the others wait until those are ready with it. Default 0: all.</summary>
    public int RolloutsPerEnvironment { get; init; }

    /// <summary>How long the caches may take to fill before the operator gives up. Default 2 minutes.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Connections to PostgreSQL servers a second, over all Databases; requests to Kubernetes are not held back. Default 10, with a burst of 1.</summary>
    public double ConnectionsPerSecond { get; init; } = 10;

    /// <summary>Whether the operator connects to the servers, for roles, passwords and replication. Off only where pods are simulated: a Database is Ready there when its pods are.
    /// Default true.</summary>
    public bool Connect { get; init; } = true;

    /// <summary>Address of <c>/metrics</c>; <c>0</c> is off. Default <c>:8080</c>.</summary>
    public string MetricsBindAddress { get; init; } = ":8080";

    /// <summary>Whether <c>/metrics</c> is https for bearers of a token who may <c>get</c> it; else it is http for everybody. Default false.</summary>
    public bool MetricsSecure { get; init; }

    /// <summary>Whether <c>/dashboard</c> is served beside <c>/metrics</c>, which must be secure. Default false.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Address of <c>/healthz</c> and <c>/readyz</c>; <c>0</c> is off. Default <c>:8081</c>.</summary>
    public string HealthProbeBindAddress { get; init; } = ":8081";

    /// <summary>Whether only the holder of the Lease reconciles. Default false.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>How the webhooks that judge Databases before they are stored are served; names in it are replaced by the operator's own. Default null: they are not.</summary>
    public WebhookOptions? Webhooks { get; init; }

    /// <summary>For less than 100 Databases: the defaults.</summary>
    public static DatabaseOperatorOptions Small { get; } = new();

    /// <summary>For 100 to 1000: more at once.</summary>
    public static DatabaseOperatorOptions Medium { get; } = new() { MaxConcurrentReconciles = 8 };

    /// <summary>For more than 1000: keys come in batches, new Databases first, sixteen at once.</summary>
    public static DatabaseOperatorOptions Large { get; } = new() { MaxConcurrentReconciles = 16, Mode = ReconcileMode.Parallel, ConnectionsPerSecond = 50 };
}

/// <summary>How keys are handed to the reconciler.</summary>
public enum ReconcileMode
{
    /// <summary>Each by itself, as it is ready: a slow one delays nobody but itself and takes one of the workers.</summary>
    Single,

    /// <summary>Those that are ready together, new Databases before others, one after the other: orders the work, and costs the wait for those before.</summary>
    Batch,

    /// <summary>As a batch, several at once; its errors are told together. The batch ends with its slowest.</summary>
    Parallel,
}
