using System.Runtime.InteropServices;

namespace Capstan;

/// <summary>Runs operators as processes run under Kubernetes: until somebody ends them.</summary>
public static class TerminationSignals
{
    /// <summary>Runs an operator until SIGTERM, SIGINT (Ctrl-C) or <paramref name="cancellationToken"/> stops it; then it finishes what runs, within
    /// <see cref="OperatorOptions.GracefulShutdownTimeout"/>, and the task ends well.</summary>
    /// <param name="runs">The operator.</param>
    /// <param name="cancellationToken">Stops it as a signal does.</param>
    /// <exception cref="OperatorException">It cannot run; see <see cref="Operator.RunAsync"/>.</exception>
    public static async Task RunUntilSignalAsync(this Operator runs, CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await runs.RunAsync(stop.Token);

        void Stop(PosixSignalContext signal)
        {
            // The process ends when the run has, not at once.
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
