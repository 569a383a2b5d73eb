using System.CommandLine;
using System.CommandLine.Parsing;
using KubeTemplater.Admission;
using KubeTemplater.Flags;
using Microsoft.Extensions.Logging;

namespace KubeTemplater;

/// <summary>The flags of the program, named as the Go operator names them.</summary>
internal sealed class CommandLine
{
    private static readonly KubeTemplaterOptions _defaults = new();

    private readonly Option<string> _metrics = new("--metrics-bind-address")
    {
        Description = "Address of /metrics, for example 127.0.0.1:8080; 0 is off.",
        DefaultValueFactory = _ => _defaults.MetricsBindAddress,
    };

    private readonly Option<bool> _metricsSecure = new("--metrics-secure")
    {
        Description = "Serve /metrics over https, to bearers of a token who may get it; false serves plain http to everybody.",
        DefaultValueFactory = _ => _defaults.MetricsSecure,
    };

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

    private readonly Option<string> _health = new("--health-probe-bind-address")
    {
        Description = "Address of /healthz and /readyz; 0 is off.",
        DefaultValueFactory = _ => _defaults.HealthProbeBindAddress,
    };

    private readonly Option<bool> _http2 = new("--enable-http2")
    {
        Description = "Taken and without effect: /metrics and the webhooks speak HTTP/2 and HTTP/1.1, as the client asks.",
    };

    private readonly Option<Uri?> _otlp = new("--otlp-endpoint")
    {
        Description = "Collector that gets spans, by the OpenTelemetry protocol over HTTP. Default: OTEL_EXPORTER_OTLP_ENDPOINT, else none.",
        HelpName = "URL",
        CustomParser = result => Endpoint(result.Tokens[0].Value) is { } url ? url : Refuse(result),
    };

    private readonly Option<bool> _leaderElect = new("--leader-elect")
    {
        Description = "Process templates only while holding the Lease, so that several replicas can run.",
    };

    private readonly AdmissionFlags _admission = new();
    private readonly LogFlags _logs = new();

    public CommandLine()
    {
        Root = new RootCommand(
            $"""
            KubeTemplater makes the objects that KubeTemplates list, as far as the KubeTemplatePolicy of their namespace allows.

            Environment (the default, then the range):
              {Variable("OPERATOR_NAMESPACE", "default", "namespace whose policies count, and of the Lease")}
              {Variable("WATCH_NAMESPACES", "", "namespaces of the templates to process, with commas between; operators of other namespaces may run beside")}
            {string.Join('\n', KubeTemplaterOptions.Numbers.Select(number => $"  {Variable(number.Name, $"{number.Default} [{number.Least}..{number.Most}]".TrimStart(), number.Meaning)}"))}

            The CustomResourceDefinitions must be installed: kubectl apply -f operators/KubeTemplater/deploy/crds
            """);
        Option[] options =
        [
            Kubeconfig, _metrics, _metricsSecure, _metricsCertificates, _metricsCertificateName, _metricsCertificateKey, _health, _leaderElect, _http2, _otlp, .. _logs.Options,
        ];
        foreach (var option in options)
        {
            Root.Add(option);
        }

        _admission.AddedTo(Root);
    }

    public RootCommand Root { get; }

    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "Kubeconfig file. Default: KUBECONFIG, then the pod's service account, then ~/.kube/config.",
        HelpName = "FILE",
    };

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel(ParseResult arguments) => _logs.Read(arguments);

    /// <summary>Options from environment and flags.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message names it.</exception>
    public KubeTemplaterOptions Read(ParseResult arguments)
    {
        return KubeTemplaterOptions.FromEnvironment(Environment.GetEnvironmentVariable) with
        {
            MetricsBindAddress = arguments.GetValue(_metrics)!,
            MetricsSecure = arguments.GetValue(_metricsSecure),
            OtlpEndpoint = arguments.GetValue(_otlp) ?? Endpoint(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")),
            MetricsCertificate = arguments.GetValue(_metricsCertificates) is { Length: > 0 } directory
                ? new() { Directory = directory, CertificateFile = arguments.GetValue(_metricsCertificateName)!, KeyFile = arguments.GetValue(_metricsCertificateKey)! }
                : null,
            HealthProbeBindAddress = arguments.GetValue(_health)!,
            LeaderElect = arguments.GetValue(_leaderElect),
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
