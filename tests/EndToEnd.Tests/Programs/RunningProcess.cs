using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace EndToEnd.Tests.Programs;

/// <summary>A program under test: its lines as they come, signals, and how it ended. Disposing kills it with its children.</summary>
internal sealed partial class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _out = [];
    private readonly List<string> _err = [];

    private RunningProcess(Process process) => _process = process;

    /// <summary>Starts; standard input is closed after <paramref name="input"/>, unless it is to stay open as long as the program runs.</summary>
    public static RunningProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? directory = null, string? input = null, bool keepsInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var running = new RunningProcess(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, line) => running.OnOut(line.Data);
        running._process.ErrorDataReceived += (_, line) => running.OnErr(line.Data);
        running._process.Start();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        running._process.StandardInput.Write(input ?? "");
        if (keepsInput)
        {
            running._process.StandardInput.Flush();
        }
        else
        {
            running._process.StandardInput.Close();
        }

        return running;
    }

    /// <summary>Standard output so far.</summary>
    public string Out { get { lock (_out) { return string.Join('\n', _out); } } }

    /// <summary>Standard error so far.</summary>
    public string Err { get { lock (_err) { return string.Join('\n', _err); } } }

    /// <summary>The next line of standard output that fits; those before it are passed over.</summary>
    public async Task<string> LineAsync(Func<string, bool> fits, TimeSpan within, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(deadline.Token))
            {
                if (fits(line))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no such line within {within.TotalSeconds} s; {Told()}");
        }

        throw new InvalidOperationException($"the program ended before such a line; {Told()}");
    }

    /// <summary>Waits for the end, and for all output.</summary>
    public async Task<int> ExitAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"did not end within {within.TotalSeconds} s; {Told()}");
        }
    }

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    /// <summary>Sends a signal, for example 15 for SIGTERM.</summary>
    public void Signal(int number) => Assert.Equal(0, Kill(_process.Id, number));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private string Told() => $"output:\n{Out}\nerrors:\n{Err}";

    private void OnOut(string? line)
    {
        if (line is null)
        {
            _lines.Writer.Complete();
            return;
        }

        lock (_out)
        {
            _out.Add(line);
        }

        _lines.Writer.TryWrite(line);
    }

    private void OnErr(string? line)
    {
        if (line is not null)
        {
            lock (_err)
            {
                _err.Add(line);
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
