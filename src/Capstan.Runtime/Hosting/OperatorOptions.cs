using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan;

/// <summary>How an operator runs.</summary>
public sealed class OperatorOptions
{
    /// <summary>Name of the operator in logs and events. Default <c>operator</c>.</summary>
    public string Name { get; set; } = "operator";

    /// <summary>Address of <c>/metrics</c>: <c>host:port</c>, <c>:port</c>, or <c>0</c> for none. Port 0 takes a free one. Default <c>0</c>.</summary>
    /// <remarks>An empty host is every address in a pod, and the loopback address elsewhere (Go takes every address everywhere): to be reached from other machines
    /// without a pod, say <c>0.0.0.0:port</c> or <c>[::]:port</c>.</remarks>
    public string MetricsBindAddress { get; set; } = "0";

    /// <summary>Whether <c>/metrics</c> is https, and answers only those who may read it: whose bearer token the API server knows (TokenReview), and to whom it
    /// grants the verb <c>get</c> on the non-resource URL <c>/metrics</c> (SubjectAccessReview). Default false: http, to everybody.</summary>
    /// <remarks>The operator must be allowed to create both kinds of review.</remarks>
    public bool MetricsSecure { get; set; }

    /// <summary>Certificate of <c>/metrics</c>. Default: one that the operator makes and signs for itself. Only used with <see cref="MetricsSecure"/>.</summary>
    public CertificateFileOptions? MetricsCertificate { get; set; }

    /// <summary>Address of <c>/healthz</c> and <c>/readyz</c>, as <see cref="MetricsBindAddress"/>. Default <c>0</c>: none.</summary>
    public string HealthProbeBindAddress { get; set; } = "0";

    /// <summary>Collector that gets the spans of the runtime (all of this process), by the OpenTelemetry protocol over HTTP, for example <c>http://localhost:4318</c>.
    /// Default null: none, and no span is made unless something else listens to the <c>ActivitySource</c> <c>Capstan</c>.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>How webhooks are served. Only looked at when the operator has some.</summary>
    public WebhookOptions Webhooks { get; set; } = new();

    /// <summary>Which replica works. Default: no election, this one does.</summary>
    public LeaderElectionOptions LeaderElection { get; set; } = new();

    /// <summary>Whether replicas share the keys, each working on some. Default: they do not. Not together with <see cref="LeaderElection"/>.</summary>
    public ShardingOptions Sharding { get; set; } = new();

    /// <summary>Called with the reason when runs outlast the Lease that they were begun under, so that another replica may be about to start on their keys: it must end the process.
    /// Default: logs it, and exits with code 1.</summary>
    public Action<string>? ExitProcess { get; set; }

    /// <summary>How long runs under way may take after a stop before they are cancelled. Default 30 s.</summary>
    public TimeSpan GracefulShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Clock of delays, timeouts and leases. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Source of chance for jitter. Default: seeded by the system.</summary>
    public Random Random { get; set; } = new();

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>How long runs may go on, cancelled, before another replica may start on their keys.</summary>
    internal TimeSpan LostLeaseGrace => Sharding.Enabled ? Sharding.LeaseDuration - Sharding.RenewDeadline : LeaderElection.LeaseDuration - LeaderElection.RenewDeadline;
}
