using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Capstan.Tool.DatabaseAccess;

/// <summary>PostgreSQL's own client, which a person then speaks with.</summary>
/// <param name="program">Its path.</param>
internal sealed class Psql(string program)
{
    // These would lead elsewhere in spite of what is given.
    private static readonly string[] Misleading = ["PGSERVICE", "PGSERVICEFILE", "PGPASSFILE"];

    /// <summary>Looks along a search path.</summary>
    /// <exception cref="CannotRunException">There is none; the message tells how to get it.</exception>
    public static Psql Find(string? searchPath)
    {
        var found = (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(directory => Path.Combine(directory, "psql")).FirstOrDefault(File.Exists);
        return found is not null
            ? new(found)
            : throw new CannotRunException("psql is not on this machine: install PostgreSQL's client (apt-get install postgresql-client, dnf install postgresql, brew install libpq)");
    }

    /// <summary>Runs it on this terminal, or on what stands in its place, to its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="CannotRunException">It cannot be started.</exception>
    public async Task<int> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false };
        Array.ForEach(Misleading, name => start.Environment.Remove(name));

        // An address that drops what is sent to it would keep a person waiting for two minutes.
        start.Environment.TryAdd("PGCONNECT_TIMEOUT", "10");
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;

            // Ctrl-C reaches psql by the terminal, and cancels a statement there; what ends us alone ends psql too.
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
            using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal => signal.Cancel = true);
            using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
            await process.WaitForExitAsync();
            return process.ExitCode;

            void End(PosixSignalContext signal)
            {
                signal.Cancel = true;
                process.Kill();
            }
        }
        catch (Win32Exception fault)
        {
            throw new CannotRunException($"{program} cannot be started: {fault.Message}", fault);
        }
    }
}
