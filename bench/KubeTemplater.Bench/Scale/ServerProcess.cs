using System.Diagnostics;
using System.Globalization;
using Capstan.ApiServer;
using Capstan.Testing;

namespace KubeTemplater.Bench.Scale;

/// <summary>The API server as a process of its own, so that neither its memory nor its processor time is counted among the operator's.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>First argument of the process that is the server.</summary>
    public const string Part = "serve";

    private readonly Process _process;

    private ServerProcess(Process process, string kubeconfig) => (_process, Kubeconfig) = (process, kubeconfig);

    public string Kubeconfig { get; }

    /// <summary>What its processors have worked so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts this program once more, as a server.</summary>
    /// <param name="directory">Where it keeps its state; null: in memory.</param>
    /// <param name="writeDelay">How much later than it could it does what the operators write, as if it were far away.</param>
    public static async Task<ServerProcess> StartAsync(string? directory, TimeSpan writeDelay = default)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Part, directory ?? "", writeDelay.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var kubeconfig = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the server did not start");
        return new(process, kubeconfig);
    }

    /// <summary>What that process does, until its input ends.</summary>
    public static async Task ServeAsync(string directory, double delayMs)
    {
        await using var cluster = await TestCluster.StartAsync(new()
        {
            Controllers = false,
            ApiServer = new ApiServerOptions { DataDirectory = directory.Length > 0 ? directory : null },
        });
        foreach (var definition in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(definition);
        }

        if (delayMs > 0)
        {
            cluster.Faults.Add(Fault.Delay(TimeSpan.FromMilliseconds(delayMs)).On("patch"));
        }

        Console.WriteLine(cluster.KubeconfigPath);
        await Console.In.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
