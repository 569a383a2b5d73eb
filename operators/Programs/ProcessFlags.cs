using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Capstan.Operators;

/// <summary>The flags that every operator has, named as kubebuilder names them.</summary>
/// <param name="metricsAddress">Default of <c>--metrics-bind-address</c>.</param>
/// <param name="metricsSecure">Default of <c>--metrics-secure</c>.</param>
/// <param name="healthAddress">Default of <c>--health-probe-bind-address</c>.</param>
internal sealed class ProcessFlags(string metricsAddress, bool metricsSecure, string healthAddress)
{
    private readonly Option<bool> _http2 = new("--enable-http2")
    {
        Description = "Taken and without effect: /metrics and the webhooks speak HTTP/2 and HTTP/1.1, as the client asks.",
    };

    private readonly LogFlags _logs = new();

    /// <summary>Where the cluster is.</summary>
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "Kubeconfig file. Default: KUBECONFIG, then the pod's service account, then ~/.kube/config.",
        HelpName = "FILE",
    };

    /// <summary>Where metrics are told.</summary>
    public Option<string> Metrics { get; } = new("--metrics-bind-address")
    {
        Description = "Address of /metrics, for example 127.0.0.1:8080; 0 is off.",
        DefaultValueFactory = _ => metricsAddress,
    };

    /// <summary>To whom.</summary>
    public Option<bool> MetricsSecure { get; } = new("--metrics-secure")
    {
        Description = "Serve /metrics over https, to bearers of a token who may get it; false serves plain http to everybody.",
        DefaultValueFactory = _ => metricsSecure,
    };

    /// <summary>Whether there is a page for people.</summary>
    public Option<bool> Dashboard { get; } = new("--dashboard")
    {
        Description = "Serve a read-only page at /dashboard of the metrics' address, which must be secure; its data are for bearers of a token who may get the non-resource URL /dashboard.",
    };

    /// <summary>Where health is told.</summary>
    public Option<string> Health { get; } = new("--health-probe-bind-address")
    {
        Description = "Address of /healthz and /readyz; 0 is off.",
        DefaultValueFactory = _ => healthAddress,
    };

    /// <summary>Whether one of several replicas works.</summary>
    public Option<bool> LeaderElect { get; } = new("--leader-elect") { Description = "Work only while holding the Lease, so that several replicas can run." };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [Kubeconfig, Metrics, MetricsSecure, Dashboard, Health, LeaderElect, _http2, .. _logs.Options];

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel(ParseResult arguments) => _logs.Read(arguments);
}
