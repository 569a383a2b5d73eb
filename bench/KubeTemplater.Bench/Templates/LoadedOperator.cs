using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace KubeTemplater.Bench.Templates;

/// <summary>The operator as a process of its own, and what its metrics say.</summary>
internal sealed partial class LoadedOperator : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _metrics;

    private LoadedOperator(Process process, Uri metrics)
    {
        _process = process;
        _metrics = new() { BaseAddress = metrics };
    }

    /// <summary>Starts it; it works on the templates of the bench's namespace alone.</summary>
    public static LoadedOperator Start(BenchCluster cluster, string? program, int workers, IEnumerable<KeyValuePair<string, string>> environment) => Start(
        cluster.Kubeconfig,
        program,
        workers,
        environment.Prepend(new("OPERATOR_NAMESPACE", BenchCluster.OperatorNamespace)).Prepend(new("WATCH_NAMESPACES", BenchCluster.Namespace)));

    /// <summary>Starts it.</summary>
    /// <param name="kubeconfig">Leads to the server.</param>
    /// <param name="program">The operator's; null: the one beside the bench.</param>
    /// <param name="workers">NUM_WORKERS.</param>
    /// <param name="environment">Its further variables.</param>
    public static LoadedOperator Start(string kubeconfig, string? program, int workers, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var metrics = FreePort();
        var start = new ProcessStartInfo(
            program ?? Path.Combine(AppContext.BaseDirectory, "kubetemplater"),
            ["--kubeconfig", kubeconfig, "--health-probe-bind-address", "0", "--metrics-secure=false", $"--metrics-bind-address=127.0.0.1:{metrics}", "--zap-log-level=error"]);
        start.Environment["NUM_WORKERS"] = workers.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!, new($"http://127.0.0.1:{metrics}"));
    }

    public int Id => _process.Id;

    /// <summary>What it says of itself; null while it does not answer yet.</summary>
    public async Task<OperatorSample?> SampleAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"the operator ended with {_process.ExitCode}");
        }

        string page;
        try
        {
            page = await _metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        }
        catch (HttpRequestException)
        {
            return null;
        }

        var values = Line().Matches(page).Select(line => (Name: line.Groups[1].Value, Labels: line.Groups[2].Value, Value: double.Parse(line.Groups[3].Value, CultureInfo.InvariantCulture))).ToList();
        double Sum(string name, string label = "") => values.Where(value => value.Name == name && value.Labels.Contains(label, StringComparison.Ordinal)).Sum(value => value.Value);
        var status = await File.ReadAllLinesAsync($"/proc/{_process.Id}/status");
        double Kilobytes(string name) => double.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new(
            TimeSpan.FromSeconds(Sum("process_cpu_seconds_total")),
            Sum("dotnet_gc_heap_total_allocated_bytes_total"),
            Kilobytes("VmRSS") / 1024,
            Kilobytes("VmHWM") / 1024,
            Sum("dotnet_gc_heap_size_bytes") / 1024 / 1024,
            (int)Sum("kubetemplater_templates", "\"Completed\""),
            (int)(Sum("kubetemplater_queue_depth") + Sum("kubetemplater_processing_items")),
            values.Where(value => value.Name == "rest_client_requests_total")
                .GroupBy(value => Label(value.Labels, "method"), StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => (long)group.Sum(value => value.Value)));
    }

    /// <summary>The value of a metric without labels; 0 if there is none.</summary>
    public async Task<double> ValueAsync(string metric)
    {
        var page = await _metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return Line().Matches(page).Where(line => line.Groups[1].Value == metric).Sum(line => double.Parse(line.Groups[3].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>Ends it as a crash does: it tells nobody.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _metrics.Dispose();
    }

    private static string Label(string labels, string name) => Regex.Match(labels, $"{name}=\"([^\"]*)\"").Groups[1].Value;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("""^([a-z_]+)(?:\{(.*)\})? (\S+)$""", RegexOptions.Multiline)]
    private static partial Regex Line();
}

/// <summary>What the operator says of itself at one moment.</summary>
/// <param name="Cpu">Processor time since its start.</param>
/// <param name="Allocated">Bytes since its start.</param>
/// <param name="ResidentMb">Memory in the machine now.</param>
/// <param name="PeakMb">The most so far.</param>
/// <param name="HeapMb">Managed objects, dead ones that are not collected yet too.</param>
/// <param name="Completed">Templates that are.</param>
/// <param name="Busy">Templates that wait or run.</param>
/// <param name="Calls">Requests since its start, by HTTP method.</param>
internal sealed record OperatorSample(
    TimeSpan Cpu, double Allocated, double ResidentMb, double PeakMb, double HeapMb, int Completed, int Busy, IReadOnlyDictionary<string, long> Calls);
