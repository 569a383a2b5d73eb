using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using Capstan.Cluster.Node.Containers;
using Microsoft.Win32.SafeHandles;

namespace Capstan.Cluster.Node.Processes;

/// <summary>What a process is started with.</summary>
internal sealed record ProcessPlan
{
    /// <summary>Full path of the program, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>All of its environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Whom it runs as; null: whoever runs the node.</summary>
    public UserAccount? User { get; init; }

    /// <summary>Whether its input is kept open for us.</summary>
    public bool HasInput { get; init; }

    /// <summary>Whether it has a terminal.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>Whether it is run in a container, whose end ends it; else it is one.</summary>
    public bool IsCommand { get; init; }
}

/// <summary>A process of this machine in a session of its own. It does nothing before it is written down who it is.</summary>
internal sealed class StartedProcess : IAsyncDisposable
{
    // It waits for a line of ours: if we die before, it reads the end, and ends.
    private const string Gate = "read -r _ || exit 125; exec \"$@\" </dev/null";
    private const string GateWithInput = "read -r _ || exit 125; exec \"$@\"";
    private const string GateWithTerminal = "read -r _ || exit 125; tty=$1; shift; exec <>\"$tty\" >&0 2>&0; exec \"$@\"";

    private readonly Process _process;
    private readonly ProcessLedger _ledger;
    private readonly TimeProvider _time;
    private readonly SafeFileHandle? _terminal;
    private readonly Stream[] _streams;

    private StartedProcess(Process process, ProcessFamily family, ProcessLedger ledger, SafeFileHandle? terminal, TimeProvider time)
    {
        (_process, Family, _ledger, _terminal, _time) = (process, family, ledger, terminal, time);
        _streams = [process.StandardInput.BaseStream, process.StandardOutput.BaseStream, process.StandardError.BaseStream];
        if (terminal is null)
        {
            (Input, Output, Error) = (OffloadedStream.Of(process.StandardInput.BaseStream), OffloadedStream.Of(process.StandardOutput.BaseStream), OffloadedStream.Of(process.StandardError.BaseStream));
        }
        else
        {
            // Its handle is closed with the process; the end of what is typed is no end of a terminal.
            var both = new FileStream(terminal, FileAccess.ReadWrite, bufferSize: 0);
            Input = Output = new OffloadedStream(both.Read, both.Write, static () => { });
        }

        Ended = WaitAsync();
    }

    public ProcessFamily Family { get; }

    public Stream Input { get; }

    public Stream Output { get; }

    /// <summary>Null with a terminal.</summary>
    public Stream? Error { get; }

    /// <summary>Exit code of the first process, 128 and the signal if one ended it; by then nothing that came from it lives.</summary>
    public Task<int> Ended { get; }

    /// <summary>Starts it.</summary>
    /// <exception cref="ContainerStartException">The system refuses.</exception>
    public static StartedProcess Start(ProcessPlan plan, ProcessLedger ledger, TimeProvider time)
    {
        var terminal = plan.HasTerminal ? Posix.OpenTerminal() : default;
        var (variable, mark) = (plan.IsCommand ? ProcessFamily.OfCommand : ProcessFamily.OfContainer, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = plan.WorkingDirectory, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var argument in (string[])[.. SignalDefaults.Prefix, "/bin/sh", "-c", plan.HasTerminal ? GateWithTerminal : plan.HasInput ? GateWithInput : Gate, "sh", .. plan.HasTerminal ? [terminal.Path] : (string[])[],
            .. plan.User?.Prefix ?? [], .. plan.Command])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in plan.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment[variable] = mark;
        try
        {
            var process = Process.Start(start)!;
            var family = new ProcessFamily(process.Id, ProcessTable.Find(process.Id)?.StartedAt ?? 0, ProcessTable.BootId, variable, mark);
            ledger.Add(family);

            process.StandardInput.BaseStream.Write("\n"u8);
            process.StandardInput.BaseStream.Flush();
            if (!plan.HasInput && !plan.HasTerminal)
            {
                process.StandardInput.Close();
            }

            return new(process, family, ledger, terminal.Master, time);
        }
        catch (Exception fault) when (fault is Win32Exception or IOException or ArgumentException or InvalidOperationException)
        {
            terminal.Master?.Dispose();
            throw new ContainerStartException($"failed to start {plan.Command[0]}: {fault.Message}", fault);
        }
    }

    public void Signal(int signal)
    {
        if (Family.IsAlive)
        {
            Posix.Signal(Family.ProcessId, signal);
        }
    }

    public void Resize(int columns, int rows)
    {
        if (_terminal is not null)
        {
            Posix.Resize(_terminal, columns, rows);
        }
    }

    /// <summary>Ends it if it still runs, and closes its streams: who wants all of what it wrote has read it by then.</summary>
    public async ValueTask DisposeAsync()
    {
        Signal(Posix.Kill);
        await Ended;

        // Process closes no stream that somebody has taken.
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        _process.Dispose();
        _terminal?.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        // Seen before the first process is gone: afterwards sessions and parents tell nothing.
        await _process.WaitForExitAsync();
        await Family.KillAsync(_time);
        _ledger.Remove(Family);
        return _process.ExitCode;
    }
}
