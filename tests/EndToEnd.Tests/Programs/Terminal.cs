using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Testing;

namespace EndToEnd.Tests.Programs;

/// <summary>A shell that commands are typed into as a reader of a lesson types them: variables, and jobs in the background, last from one to the next. Disposing ends it with its jobs.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _shell;
    private readonly char[] _buffer = new char[4096];

    private Terminal(Process shell) => _shell = shell;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens one.</summary>
    /// <param name="directory">Where it starts.</param>
    /// <param name="variables">Its environment, beside this process's.</param>
    public static Terminal Open(string directory, IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo("bash", ["--noprofile", "--norc"]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = directory };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        // One stream, as on a screen; and each job a process group, so that it can be ended whole.
        var terminal = new Terminal(Process.Start(start)!);
        terminal.Write("exec 2>&1; set -m");
        return terminal;
    }

    /// <summary>Types commands and returns what they print; the last must succeed.</summary>
    public async Task<string> TypeAsync(string commands)
    {
        var (code, output) = await TryAsync(commands);
        return code == 0 ? output : throw new InvalidOperationException($"$ {commands}\n{output}\nexit code {code}");
    }

    /// <summary>Types commands, well or not.</summary>
    public async Task<(int Code, string Output)> TryAsync(string commands)
    {
        // What jobs print may stand anywhere, also before and behind the mark.
        var mark = new Regex($@"{Guid.NewGuid()} ([0-9]+)\n");
        Write($"{commands}\nprintf '\\n{mark.ToString().Split(' ')[0]} %s\\n' $?");
        var text = await ReadAsync(commands, mark.IsMatch);
        var end = mark.Match(text);
        return (int.Parse(end.Groups[1].Value, CultureInfo.InvariantCulture), text[..end.Index].Trim('\n'));
    }

    /// <summary>Types commands again and again until they print what is waited for.</summary>
    public async Task<string> SeeAsync(string commands, Func<string, bool> holds) =>
        (await Eventually.SeeAsync($"$ {commands}", _ => TryAsync(commands), result => holds(result.Output), Patience, Stop)).Output;

    /// <summary>Types commands that do not end by themselves, reads until they have printed what is waited for, and ends them.</summary>
    public async Task<string> WatchAsync(string commands, Func<string, bool> holds)
    {
        Write($"{{\n{commands}\n}} < /dev/null &");
        var output = await ReadAsync(commands, holds);
        await TryAsync("kill %%; wait %%");
        return output;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_shell.HasExited)
        {
            Write("for job in $(jobs -p); do kill -- -$job; done; exit");
            await Task.WhenAny(_shell.WaitForExitAsync(CancellationToken.None), Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None));
            _shell.Kill(entireProcessTree: true);
            await _shell.WaitForExitAsync(CancellationToken.None);
        }

        _shell.Dispose();
    }

    private void Write(string line)
    {
        _shell.StandardInput.WriteLine(line);
        _shell.StandardInput.Flush();
    }

    private async Task<string> ReadAsync(string commands, Func<string, bool> holds)
    {
        var text = new StringBuilder();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        deadline.CancelAfter(Patience);
        try
        {
            while (!holds(text.ToString()))
            {
                var count = await _shell.StandardOutput.ReadAsync(_buffer, deadline.Token).AsTask().WaitAsync(deadline.Token);
                text.Append(count > 0 ? _buffer.AsSpan(0, count) : throw new InvalidOperationException($"the shell ended; $ {commands}\n{text}"));
            }

            return text.ToString();
        }
        catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
        {
            throw new TimeoutException($"not seen within {Patience.TotalSeconds} s; $ {commands}\n{text}");
        }
    }
}
