using System.Diagnostics;

namespace Databases.Tests;

/// <summary>The operator as a process of its own, which can be killed at any moment.</summary>
internal sealed class OperatorProcess : IDisposable
{
    private readonly Process _process;

    private OperatorProcess(Process process) => _process = process;

    public static OperatorProcess Start(string kubeconfig)
    {
        var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "database-operator.dll"), $"--kubeconfig={kubeconfig}", "--metrics-bind-address=0", "--health-probe-bind-address=0", "--webhook-bind-address=0",
                "--connections-per-second=100",
            ]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return new(process);
    }

    /// <summary>kill -9.</summary>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
