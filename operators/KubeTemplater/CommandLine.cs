using System.CommandLine;
using System.CommandLine.Parsing;
using Capstan.Operators;
using KubeTemplater.Admission;

namespace KubeTemplater;

/// <summary>The flags of the program, named as the Go operator names them.</summary>
internal sealed class CommandLine
{
    private static readonly KubeTemplaterOptions _defaults = new();

    private readonly Option<string?> _metricsCertificates = new("--metrics-cert-path")
    {
        Description = "Directory with the certificate of /metrics. Default: the operator makes one for itself.",
        HelpName = "DIR",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _metricsCertificateName = new("--metrics-cert-name")
    {
        Description = "File of the certificate in that directory.",
        DefaultValueFactory = _ => "tls.crt",
    };

    private readonly Option<string> _metricsCertificateKey = new("--metrics-cert-key")
    {
        Description = "File of its key in that directory.",
        DefaultValueFactory = _ => "tls.key",
    };

    private readonly Option<Uri?> _otlp = new("--otlp-endpoint")
    {
        Description = "Collector that gets spans, by the OpenTelemetry protocol over HTTP. Default: OTEL_EXPORTER_OTLP_ENDPOINT, else none.",
        HelpName = "URL",
        CustomParser = result => Endpoint(result.Tokens[0].Value) is { } url ? url : Refuse(result),
    };

    private readonly Option<bool> _sharding = new("--sharding")
    {
        Description = "Share the templates among all replicas, each processes its own; in place of --leader-elect. Default: SHARDING, else false.",
    };

    private readonly AdmissionFlags _admission = new();

    public CommandLine()
    {
        Root = new RootCommand(
            $"""
            KubeTemplater makes the objects that KubeTemplates list, as far as the KubeTemplatePolicy of their namespace allows.

            Environment (the default, then the range):
              {Variable("OPERATOR_NAMESPACE", "default", "namespace whose policies count, and of the Lease")}
              {Variable("SHARDING", "false", "as --sharding")}
              {Variable("WATCH_NAMESPACES", "", "namespaces of the templates to process, with commas between; operators of other namespaces may run beside")}
            {string.Join('\n', KubeTemplaterOptions.Numbers.Select(number => $"  {Variable(number.Name, $"{number.Default} [{number.Least}..{number.Most}]".TrimStart(), number.Meaning)}"))}

            The CustomResourceDefinitions must be installed: kubectl apply -f operators/KubeTemplater/deploy/crds
            """);
        Option[] options =
        [
            .. Process.Options, _sharding, _metricsCertificates, _metricsCertificateName, _metricsCertificateKey, _otlp,
        ];
        foreach (var option in options)
        {
            Root.Add(option);
        }

        _admission.AddedTo(Root);
    }

    public RootCommand Root { get; }

    /// <summary>Those that every operator has.</summary>
    public ProcessFlags Process { get; } = new(_defaults.MetricsBindAddress, _defaults.MetricsSecure, _defaults.HealthProbeBindAddress);

    /// <summary>Options from environment and flags.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message names it.</exception>
    public KubeTemplaterOptions Read(ParseResult arguments)
    {
        var environment = KubeTemplaterOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        return environment with
        {
            Sharding = arguments.GetResult(_sharding) is { Implicit: false } ? arguments.GetValue(_sharding) : environment.Sharding,
            MetricsBindAddress = arguments.GetValue(Process.Metrics)!,
            MetricsSecure = arguments.GetValue(Process.MetricsSecure),
            Dashboard = arguments.GetValue(Process.Dashboard),
            OtlpEndpoint = arguments.GetValue(_otlp) ?? Endpoint(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")),
            MetricsCertificate = arguments.GetValue(_metricsCertificates) is { Length: > 0 } directory
                ? new() { Directory = directory, CertificateFile = arguments.GetValue(_metricsCertificateName)!, KeyFile = arguments.GetValue(_metricsCertificateKey)! }
                : null,
            HealthProbeBindAddress = arguments.GetValue(Process.Health)!,
            LeaderElect = arguments.GetValue(Process.LeaderElect),
            Admission = _admission.Read(arguments, inPod: Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 }),
        };
    }

    private static string Variable(string name, string value, string meaning) => $"{name,-29}{value,-19}{meaning}";

    private static Uri? Endpoint(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) ? url : null;

    private static Uri? Refuse(ArgumentResult result)
    {
        result.AddError($"--otlp-endpoint: '{result.Tokens[0].Value}' is no http or https URL");
        return null;
    }
}
