using System.CommandLine;
using Capstan;
using Capstan.Operators;
using Databases.Reconciling;

namespace Databases;

/// <summary>The flags of the program, named as the course's operator names them.</summary>
internal sealed class CommandLine
{
    private static readonly DatabaseOperatorOptions _defaults = new();

    private readonly Option<string> _webhooks = new("--webhook-bind-address")
    {
        Description = "Address of the admission webhooks; 0 is off, as is ENABLE_WEBHOOKS=false.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } ? ":9443" : "0",
    };

    private readonly Option<string?> _webhookCertificates = new("--webhook-cert-path")
    {
        Description = "Directory with tls.crt and tls.key of the webhooks, which something else renews. Default: the operator makes one and keeps it in a Secret.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _localUrl = new("--webhook-local-url") { Description = "For an operator on the API server's own machine: lead the configurations to this process in place of the Service." };

    private readonly Option<string> _preset = new("--preset") { Description = "Number of Databases to be ready for: small (under 100), medium (to 1000) or large.", DefaultValueFactory = _ => "small" };
    private readonly Option<int?> _workers = new("--max-concurrent-reconciles") { Description = "Databases that are reconciled at once. Default: the preset's; 2 when small." };
    private readonly Option<ReconcileMode?> _mode = new("--reconcile-mode") { Description = "Single, Batch (new ones first, one after the other) or Parallel (a batch, several at once). Default: the preset's." };
    private readonly Option<int?> _connections = new("--connections-per-second")
    {
        Description = "Connections to PostgreSQL servers, over all Databases; requests to Kubernetes are not held back. Default: the preset's; 10 when small.",
    };

    private readonly Option<string> _cacheSync = new("--cache-sync-timeout") { Description = "How long the caches may take to fill before the operator gives up.", DefaultValueFactory = _ => "2m" };
    private readonly Option<int> _rollouts = new("--rollouts-per-environment") { Description = "Databases of one spec.environment that take up the same new image at once; 0: all." };
    private readonly Option<bool> _connect = new("--connect") { Description = "Connect to the PostgreSQL servers; false only where pods are simulated.", DefaultValueFactory = _ => true };

    public CommandLine()
    {
        _preset.AcceptOnlyFromAmong("small", "medium", "large");
        Root = new RootCommand("""
            The Database operator makes PostgreSQL of Databases.

            The CustomResourceDefinitions must be installed: kubectl apply -f operators/Database/deploy/crds
            """);
        Option[] options = [.. Process.Options, _webhooks, _webhookCertificates, _localUrl, _preset, _workers, _mode, _rollouts, _connections, _cacheSync, _connect];
        foreach (var option in options)
        {
            Root.Add(option);
        }
    }

    public RootCommand Root { get; }

    /// <summary>Those that every operator has.</summary>
    public ProcessFlags Process { get; } = new(_defaults.MetricsBindAddress, _defaults.MetricsSecure, _defaults.HealthProbeBindAddress);

    /// <summary>Options from environment and flags.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message names it.</exception>
    public DatabaseOperatorOptions Read(ParseResult arguments)
    {
        var preset = arguments.GetValue(_preset) switch { "medium" => DatabaseOperatorOptions.Medium, "large" => DatabaseOperatorOptions.Large, _ => DatabaseOperatorOptions.Small };
        var workers = arguments.GetValue(_workers) ?? preset.MaxConcurrentReconciles;
        var connections = arguments.GetValue(_connections) ?? preset.ConnectionsPerSecond;
        var cacheSync = arguments.GetValue(_cacheSync)!;
        return preset with
        {
            OperatorNamespace = Environment.GetEnvironmentVariable("POD_NAMESPACE") is { Length: > 0 } own ? own : preset.OperatorNamespace,
            MaxConcurrentReconciles = workers is >= 1 and <= 1000 ? workers : throw new FormatException($"--max-concurrent-reconciles={workers}: must be 1 to 1000"),
            Mode = arguments.GetValue(_mode) ?? preset.Mode,
            ConnectionsPerSecond = connections is > 0 and <= 10000 ? connections : throw new FormatException($"--connections-per-second={connections}: must be 1 to 10000"),
            CacheSyncTimeout = Age.Parse(cacheSync) ?? throw new FormatException($"--cache-sync-timeout={cacheSync}: must be a time such as 30s or 2m"),
            RolloutsPerEnvironment = arguments.GetValue(_rollouts) is >= 0 and var rollouts ? rollouts : throw new FormatException("--rollouts-per-environment: must not be negative"),
            Connect = arguments.GetValue(_connect),
            MetricsBindAddress = arguments.GetValue(Process.Metrics)!,
            MetricsSecure = arguments.GetValue(Process.MetricsSecure),
            Dashboard = arguments.GetValue(Process.Dashboard),
            HealthProbeBindAddress = arguments.GetValue(Process.Health)!,
            LeaderElect = arguments.GetValue(Process.LeaderElect),
            Webhooks = ReadWebhooks(arguments),
        };
    }

    private WebhookOptions? ReadWebhooks(ParseResult arguments) => arguments.GetValue(_webhooks) is "0" || Environment.GetEnvironmentVariable("ENABLE_WEBHOOKS") == "false" ? null : new()
    {
        BindAddress = arguments.GetValue(_webhooks)!,
        Certificate = arguments.GetValue(_webhookCertificates) is { Length: > 0 } directory ? new() { Directory = directory } : null,
        SelfSigned = new() { UseLocalUrl = arguments.GetValue(_localUrl) },
    };
}
