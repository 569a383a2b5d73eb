using System.CommandLine;

namespace KubeTemplater;

/// <summary>The flags of the program, named as the Go operator names them.</summary>
internal sealed class CommandLine
{
    private readonly Option<string> _metrics = new("--metrics-bind-address")
    {
        Description = "Address of /metrics, for example 127.0.0.1:8080; 0 is off.",
        DefaultValueFactory = _ => new KubeTemplaterOptions().MetricsBindAddress,
    };

    private readonly Option<bool> _metricsSecure = new("--metrics-secure")
    {
        Description = "Serve /metrics over https to those who may read it. Not available yet: give false to serve plain http.",
        DefaultValueFactory = _ => true,
    };

    private readonly Option<string> _health = new("--health-probe-bind-address")
    {
        Description = "Address of /healthz and /readyz; 0 is off.",
        DefaultValueFactory = _ => new KubeTemplaterOptions().HealthProbeBindAddress,
    };

    private readonly Option<bool> _leaderElect = new("--leader-elect")
    {
        Description = "Process templates only while holding the Lease, so that several replicas can run.",
    };

    public CommandLine() => Root = new RootCommand(
        """
        KubeTemplater makes the objects that KubeTemplates list, as far as the KubeTemplatePolicy of their namespace allows.

        Environment: OPERATOR_NAMESPACE (default "default") is the namespace whose policies count; NUM_WORKERS (3), 
        QUEUE_INITIAL_RETRY_DELAY (1) and QUEUE_MAX_RETRY_DELAY (300), the delays in seconds.
        The CustomResourceDefinitions must be installed: kubectl apply -f operators/KubeTemplater/deploy/crds
        """)
    {
        Kubeconfig, _metrics, _metricsSecure, _health, _leaderElect,
    };

    public RootCommand Root { get; }

    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "Kubeconfig file. Default: KUBECONFIG, then the pod's service account, then ~/.kube/config.",
        HelpName = "FILE",
    };

    /// <summary>Options from environment and flags.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message names it.</exception>
    public KubeTemplaterOptions Read(ParseResult arguments)
    {
        var metrics = arguments.GetValue(_metrics)!;
        if (metrics != "0" && arguments.GetValue(_metricsSecure))
        {
            throw new FormatException("--metrics-bind-address: https is not available yet; add --metrics-secure=false to serve plain http");
        }

        return KubeTemplaterOptions.FromEnvironment(Environment.GetEnvironmentVariable) with
        {
            MetricsBindAddress = metrics,
            HealthProbeBindAddress = arguments.GetValue(_health)!,
            LeaderElect = arguments.GetValue(_leaderElect),
        };
    }
}
