using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Capstan;
using Capstan.Testing;

namespace KubeTemplater.Bench.Admission;

/// <summary>The operator as it is run: a process of its own, whose collections and threads are not those of who measures it.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly ResourceType Configurations =
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);

    private readonly Process _process;
    private readonly HttpClient _metrics;

    private OperatorProcess(Process process, Uri metrics)
    {
        _process = process;
        _metrics = new() { BaseAddress = metrics };
    }

    /// <summary>Where the API server would ask.</summary>
    public required Uri Webhook { get; init; }

    /// <summary>What its processors have worked so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it and returns once it has told the API server where its webhooks are.</summary>
    public static async Task<OperatorProcess> StartAsync(TestCluster cluster, string operatorNamespace, string? program)
    {
        await cluster.InstallAsync(Manifests.Admission);
        var metrics = FreePort();
        var start = new ProcessStartInfo(
            program ?? Path.Combine(AppContext.BaseDirectory, "kubetemplater"),
            [
                "--kubeconfig", cluster.KubeconfigPath, "--health-probe-bind-address", "0", "--metrics-secure=false", $"--metrics-bind-address=127.0.0.1:{metrics}",
                "--webhook-bind-address", "127.0.0.1:0", "--webhook-local-url", "--zap-log-level=error",
            ]);
        start.Environment["OPERATOR_NAMESPACE"] = operatorNamespace;
        var process = Process.Start(start)!;
        Uri? webhook = null;
        var url = new Uri($"http://127.0.0.1:{metrics}");
        while (webhook is null)
        {
            await Task.Delay(100);
            if (process.HasExited)
            {
                throw new InvalidOperationException($"the operator ended with {process.ExitCode}");
            }

            var configuration = await cluster.Client.GetAsync(Configurations, ObjectKey.ClusterScoped("kubetemplater-validating-webhook-configuration"));
            webhook = configuration.ToJson()["webhooks"]!.AsArray().All(IsLed)
                ? new((string)configuration.ToJson()["webhooks"]![0]!["clientConfig"]!["url"]!)
                : null;
        }

        return new(process, url) { Webhook = webhook };
    }

    /// <summary>How many reviews took how long by the operator's own clock: for each upper bound in seconds, those up to it since the start.</summary>
    public async Task<SortedDictionary<double, long>> DurationsAsync()
    {
        var page = await _metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var result = new SortedDictionary<double, long>();
        foreach (Match line in Regex.Matches(page, """^kubetemplater_webhook_duration_seconds_bucket\{(.*)le="([^"]+)"\} (\d+)$""", RegexOptions.Multiline))
        {
            if (line.Groups[1].Value.Contains("kind=\"KubeTemplate\"", StringComparison.Ordinal) && line.Groups[1].Value.Contains("result=\"allowed\"", StringComparison.Ordinal))
            {
                var bound = line.Groups[2].Value == "+Inf" ? double.PositiveInfinity : double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture);
                result[bound] = result.GetValueOrDefault(bound) + long.Parse(line.Groups[3].Value, CultureInfo.InvariantCulture);
            }
        }

        return result;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _metrics.Dispose();
    }

    private static bool IsLed(JsonNode? webhook) => webhook!["clientConfig"] is { } client && client["caBundle"] is not null && client["url"] is not null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
