using System.Globalization;
using Capstan;
using KubeTemplater.Admission;

namespace KubeTemplater;

/// <summary>How the operator runs. The environment variables are the Go operator's.</summary>
public sealed record KubeTemplaterOptions
{
    /// <summary>Namespace whose policies count. <c>OPERATOR_NAMESPACE</c>, default <c>default</c>.</summary>
    public string OperatorNamespace { get; init; } = "default";

    /// <summary>Templates processed at once. <c>NUM_WORKERS</c>, default 3, 1 to 1000.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>Wait after the first failed attempt; doubles with each further one. <c>QUEUE_INITIAL_RETRY_DELAY</c> in seconds, default 1, 1 to 3600.</summary>
    public TimeSpan InitialRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts. <c>QUEUE_MAX_RETRY_DELAY</c> in seconds, default 300, 60 to 86400.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Address of <c>/metrics</c>; <c>0</c> is off. Default off.</summary>
    public string MetricsBindAddress { get; init; } = "0";

    /// <summary>Whether <c>/metrics</c> is https for bearers of a token who may <c>get</c> it, as the API server says; else it is http for everybody. Default true.</summary>
    public bool MetricsSecure { get; init; } = true;

    /// <summary>Certificate of <c>/metrics</c>; default one that the operator makes for itself.</summary>
    public CertificateFileOptions? MetricsCertificate { get; init; }

    /// <summary>Collector that gets spans; default none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Address of <c>/healthz</c> and <c>/readyz</c>; <c>0</c> is off. Default <c>:8081</c>.</summary>
    public string HealthProbeBindAddress { get; init; } = ":8081";

    /// <summary>Whether only the holder of the Lease processes templates. Default false.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>How templates and policies are judged before they are stored. Default: not at all.</summary>
    public AdmissionOptions Admission { get; init; } = new();

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Value of an environment variable, or null.</param>
    /// <exception cref="FormatException">A value is no whole number or out of range; the message names variable, value and range.</exception>
    public static KubeTemplaterOptions FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new KubeTemplaterOptions();
        return defaults with
        {
            OperatorNamespace = variable("OPERATOR_NAMESPACE") is { Length: > 0 } ns ? ns : defaults.OperatorNamespace,
            Workers = Number("NUM_WORKERS", defaults.Workers, 1, 1000),
            InitialRetryDelay = Seconds("QUEUE_INITIAL_RETRY_DELAY", defaults.InitialRetryDelay, 1, 3600),
            MaxRetryDelay = Seconds("QUEUE_MAX_RETRY_DELAY", defaults.MaxRetryDelay, 60, 86400),
        };

        TimeSpan Seconds(string name, TimeSpan otherwise, int least, int most) =>
            TimeSpan.FromSeconds(Number(name, (int)otherwise.TotalSeconds, least, most));

        int Number(string name, int otherwise, int least, int most)
        {
            var text = variable(name);
            if (string.IsNullOrWhiteSpace(text))
            {
                return otherwise;
            }

            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw new FormatException($"{name}={text}: must be a whole number from {least} to {most}");
        }
    }
}
