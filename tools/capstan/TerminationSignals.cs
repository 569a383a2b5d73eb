using System.Runtime.InteropServices;

namespace Capstan.Tool;

/// <summary>Turns the first SIGINT (Ctrl-C), SIGTERM or SIGHUP into a cancelled token; a second one ends the process at once, as without us.</summary>
internal sealed partial class TerminationSignals : IDisposable
{
    private const int Interrupt = 2;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    // A script starts what goes on in the background with SIGINT ignored, and .NET leaves it so: once, before .NET has a handler of its own, that is undone.
    static TerminationSignals()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetHandler(Interrupt, handler: 0);
        }
    }

    /// <summary>Listens from now on.</summary>
    public TerminationSignals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        context.Cancel = true;
        _stop.Cancel();
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
