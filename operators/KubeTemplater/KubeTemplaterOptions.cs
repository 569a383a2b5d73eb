using System.Text.RegularExpressions;
using Capstan;
using KubeTemplater.Admission;

namespace KubeTemplater;

/// <summary>How the operator runs. The environment variables are the Go operator's.</summary>
public sealed partial record KubeTemplaterOptions
{
    internal static readonly NumericVariable NumWorkers = new("NUM_WORKERS", 3, 1, 1000, "templates processed at once");
    internal static readonly NumericVariable CacheTtl = new("CACHE_TTL", 300, 60, 86400, "as POLICY_CACHE_TTL, where that is not set");
    internal static readonly NumericVariable PolicyCacheTtlVariable = new("POLICY_CACHE_TTL", null, 30, 600, "seconds that a policy is trusted without news of it (default: CACHE_TTL)");
    internal static readonly NumericVariable PeriodicInterval = new("PERIODIC_RECONCILE_INTERVAL", 60, 30, 86400, "seconds between looks at every template, besides the watch");
    internal static readonly NumericVariable QueueMaxRetries = new("QUEUE_MAX_RETRIES", 5, 1, 1000, "retries of a cycle, after the first attempt");
    internal static readonly NumericVariable QueueInitialRetryDelay = new("QUEUE_INITIAL_RETRY_DELAY", 1, 1, 3600, "seconds before the first retry; doubles with each");
    internal static readonly NumericVariable QueueMaxRetryDelay = new("QUEUE_MAX_RETRY_DELAY", 300, 60, 86400, "longest wait in seconds, and the wait between cycles");
    internal static readonly NumericVariable QueueMaxRetryCycles = new("QUEUE_MAX_RETRY_CYCLES", 3, 0, 1_000_000, "cycles before a template is Paused; 0: never");

    /// <summary>All that are numbers, in the order of the help.</summary>
    internal static readonly IReadOnlyList<NumericVariable> Numbers =
        [NumWorkers, CacheTtl, PolicyCacheTtlVariable, PeriodicInterval, QueueMaxRetries, QueueInitialRetryDelay, QueueMaxRetryDelay, QueueMaxRetryCycles];

    /// <summary>Namespace whose policies count, and of the Lease. <c>OPERATOR_NAMESPACE</c>, default <c>default</c>.</summary>
    public string OperatorNamespace { get; init; } = "default";

    /// <summary>Where the Go operator's pod ran, and so its Lease may be. <c>POD_NAMESPACE</c>, default <c>kubetemplater-system</c>.</summary>
    public string PodNamespace { get; init; } = Manifests.Namespace;

    /// <summary>Namespaces whose templates this operator processes, sorted; none means all. <c>WATCH_NAMESPACES</c>, with commas between.</summary>
    /// <remarks>Operators of one cluster must not share a namespace: only those of the same group elect one of them.</remarks>
    public IReadOnlyList<string> WatchNamespaces { get; init; } = [];

    /// <summary>Templates processed at once. <c>NUM_WORKERS</c>, default 3, 1 to 1000.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>How long a policy is trusted without an event or bookmark of its watch. <c>POLICY_CACHE_TTL</c> in seconds, 30 to 600, else <c>CACHE_TTL</c>, 60 to 86400,
    /// default 300.</summary>
    public TimeSpan PolicyCacheTtl { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How often every template is looked at besides what the watches bring. <c>PERIODIC_RECONCILE_INTERVAL</c> in seconds, default 60, 30 to 86400.</summary>
    public TimeSpan PeriodicReconcileInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Retries of a cycle, after its first attempt. <c>QUEUE_MAX_RETRIES</c>, default 5, 1 to 1000.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>Wait before the first retry; doubles with each further one. <c>QUEUE_INITIAL_RETRY_DELAY</c> in seconds, default 1, 1 to 3600.</summary>
    public TimeSpan InitialRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts, and the wait between cycles. <c>QUEUE_MAX_RETRY_DELAY</c> in seconds, default 300, 60 to 86400.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Cycles of retries before a template is paused; 0 never pauses it. <c>QUEUE_MAX_RETRY_CYCLES</c>, default 3, 0 to 1000000.</summary>
    public int MaxRetryCycles { get; init; } = 3;

    /// <summary>Address of <c>/metrics</c>; <c>0</c> is off. Default off.</summary>
    public string MetricsBindAddress { get; init; } = "0";

    /// <summary>Whether <c>/metrics</c> is https for bearers of a token who may <c>get</c> it, as the API server says; else it is http for everybody. Default true.</summary>
    public bool MetricsSecure { get; init; } = true;

    /// <summary>Whether <c>/dashboard</c> is served beside <c>/metrics</c>, which must be secure. Default false.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Certificate of <c>/metrics</c>; default one that the operator makes for itself.</summary>
    public CertificateFileOptions? MetricsCertificate { get; init; }

    /// <summary>Collector that gets spans; default none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Address of <c>/healthz</c> and <c>/readyz</c>; <c>0</c> is off. Default <c>:8081</c>.</summary>
    public string HealthProbeBindAddress { get; init; } = ":8081";

    /// <summary>Whether only the holder of the Lease processes templates. Default false. Without effect if <see cref="Sharding"/> is true.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>Whether all replicas process templates, each those that are its own. <c>SHARDING</c>, default false.</summary>
    public bool Sharding { get; init; }

    /// <summary>How templates and policies are judged before they are stored. Default: not at all.</summary>
    public AdmissionOptions Admission { get; init; } = new();

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Value of an environment variable, or null.</param>
    /// <exception cref="FormatException">A value cannot be used; the message names variable, value and range.</exception>
    public static KubeTemplaterOptions FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new KubeTemplaterOptions();
        var cacheTtl = Seconds(CacheTtl);
        return defaults with
        {
            OperatorNamespace = Text("OPERATOR_NAMESPACE") ?? defaults.OperatorNamespace,
            PodNamespace = Text("POD_NAMESPACE") ?? defaults.PodNamespace,
            WatchNamespaces = Text("WATCH_NAMESPACES") is { } list ? Group(list) : [],
            Sharding = Text("SHARDING") is { } sharding && YesOrNo("SHARDING", sharding),
            Workers = NumWorkers.Read(variable)!.Value,
            PolicyCacheTtl = PolicyCacheTtlVariable.Read(variable) is { } seconds ? TimeSpan.FromSeconds(seconds) : cacheTtl,
            PeriodicReconcileInterval = Seconds(PeriodicInterval),
            MaxRetries = QueueMaxRetries.Read(variable)!.Value,
            InitialRetryDelay = Seconds(QueueInitialRetryDelay),
            MaxRetryDelay = Seconds(QueueMaxRetryDelay),
            MaxRetryCycles = QueueMaxRetryCycles.Read(variable)!.Value,
        };

        string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } text ? text : null;

        TimeSpan Seconds(NumericVariable number) => TimeSpan.FromSeconds(number.Read(variable)!.Value);
    }

    private static bool YesOrNo(string name, string text) =>
        bool.TryParse(text, out var value) ? value : throw new FormatException($"{name}={text}: must be true or false");

    /// <summary>A list without a name would quietly mean all namespaces: it is refused.</summary>
    private static string[] Group(string list)
    {
        var names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 && names.All(NamespaceName().IsMatch)
            ? [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : throw new FormatException(
                $"WATCH_NAMESPACES={list}: must be names of namespaces with commas between, each of 1 to 63 lower-case letters, digits and hyphens");
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex NamespaceName();
}
