using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Events;
using Capstan.Cluster.Node.Logs;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Probes;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Node.Processes;

/// <summary>A container that is a process of this machine, with all that comes from it.</summary>
internal sealed class ProcessRun : IContainerRun
{
    private const int MaxMessage = 4096;
    private const int MaxLogMessage = 2048;

    // Somebody may hold our end of a pipe that nobody writes to any more.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly PodRecord _pod;
    private readonly Container _spec;
    private readonly ContainerPlan _plan;
    private readonly ProcessLedger _ledger;
    private readonly TimeProvider _time;
    private readonly StartedProcess _process;
    private readonly ProbeTarget _target;
    private readonly Action<string> _unhealthy;
    private readonly int _stopSignal;
    private readonly string _logFile;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly List<Action<OutputChunk>> _attached = [];
    private long _cpu;

    public ProcessRun(ContainerStart start, ContainerPlan plan, string? stopSignal, ProcessLedger ledger, PodEvents events, string logFile, TimeProvider time, ILogger logger)
    {
        (_pod, _spec, _plan, _ledger, _time, _logFile, _logger) = (start.Pod, start.Container.Spec, plan, ledger, time, logFile, logger);
        _stopSignal = Posix.SignalOf(_spec.Lifecycle?.StopSignal ?? stopSignal);
        _unhealthy = message => events.Warning(EventSubject.Of(_pod.Pod, _spec.Name, start.Container.IsInit), "Unhealthy", message);
        _target = new(_spec, start.Address, RunAsync);
        File.Delete(plan.TerminationMessage);
        _process = StartedProcess.Start(plan.Main(), ledger, time);
        Id = _process.Family.Mark;
        Ended = FollowAsync(new LogWriter(logFile, time));
    }

    public string Id { get; }

    public Task<ContainerExit> Ended { get; }

    public Stream? Input => _spec.Stdin == true || _spec.Tty == true ? _process.Input : null;

    public void Terminate() => _process.Signal(_stopSignal);

    public void Kill() => _process.Signal(Posix.Kill);

    public Task<Unhealthy?> WatchHealthAsync(Action<ContainerHealth> report, CancellationToken stop) => new ProbeRunner(_spec, _target, _unhealthy, _time).RunAsync(report, stop);

    public async Task<string?> RunHookAsync(LifecycleHandler hook, CancellationToken stop)
    {
        try
        {
            if (hook.Sleep is { } sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(sleep.Seconds, 0, int.MaxValue / 1000)), _time, stop);
            }
            else if (hook.Exec?.Command is { } command)
            {
                var (code, output) = await RunAsync(command, stop);
                return code == 0 ? null : $"command '{string.Join(' ', command)}' exited with {code}: {output}";
            }
            else if (hook.HttpGet is { } get)
            {
                return await _target.GetAsync(get, stop) is { IsGood: false } answer ? answer.Output : null;
            }

            return null;
        }
        catch (ContainerStartException fault)
        {
            return fault.Message;
        }
    }

    public ContainerUsage Usage(ProcessSnapshot processes)
    {
        var members = _process.Family.Members(processes);
        lock (_lock)
        {
            // What has ended without being waited for is forgotten by the system, but was used.
            _cpu = Math.Max(_cpu, members.Sum(member => member.CpuNanoseconds));
            return new(_time.GetUtcNow(), _cpu, members.Sum(member => member.MemoryBytes));
        }
    }

    public Task<IExecSession> ExecAsync(IReadOnlyList<string> command, bool tty, CancellationToken cancellationToken) =>
        Task.FromResult<IExecSession>(new ProcessExec(StartedProcess.Start(_plan.Beside(command, hasInput: true, tty), _ledger, _time)));

    public IDisposable? Attach(Action<OutputChunk> output)
    {
        lock (_lock)
        {
            _attached.Add(output);
        }

        return new Attachment(this, output);
    }

    public async ValueTask DisposeAsync()
    {
        // Its last words come before its streams are closed.
        _process.Signal(Posix.Kill);
        await Ended;
        await _process.DisposeAsync();
        try
        {
            Directory.Delete(_plan.Sockets, recursive: true);
        }
        catch (IOException)
        {
            // Gone, or the next run's.
        }
    }

    /// <summary>Runs a command to its end, and gives what it wrote; one that is not waited for any more is ended.</summary>
    private async Task<(int Code, string Output)> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        await using var process = StartedProcess.Start(_plan.Beside(command, hasInput: false, hasTerminal: false), _ledger, _time);
        var output = Task.WhenAll(ReadAsync(process.Output), ReadAsync(process.Error!));
        var code = await process.Ended.WaitAsync(cancellationToken);
        return (code, string.Concat(await output));
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        var (buffer, text) = (new byte[4096], new StringBuilder());
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            if (text.Length < 1 << 16)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }

        return text.ToString();
    }

    private async Task<ContainerExit> FollowAsync(LogWriter log)
    {
        using (log)
        {
            var pumps = Task.WhenAll(PumpAsync(_process.Output, isError: false, log), _process.Error is { } error ? PumpAsync(error, isError: true, log) : Task.CompletedTask);
            var code = await _process.Ended;
            await Task.WhenAny(pumps, Task.Delay(LastWords, _time));
            return ContainerExit.Of(code, MessageOf(code));
        }
    }

    // On a thread of its own: reading a pipe blocks.
    private Task PumpAsync(Stream stream, bool isError, LogWriter log) => Task.Factory.StartNew(() => Pump(stream, isError, log), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Pump(Stream stream, bool isError, LogWriter log)
    {
        var buffer = new byte[16 << 10];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            try
            {
                Tell(isError, buffer.AsMemory(0, read), log);
            }
            catch (Exception fault)
            {
                // It goes on reading: a program whose pipe is full would stand still.
                Log.OutputFailed(_logger, _pod.Key.ToString(), _spec.Name, fault);
            }
        }
    }

    private void Tell(bool isError, ReadOnlyMemory<byte> bytes, LogWriter log)
    {
        log.Write(isError, bytes.Span);
        Action<OutputChunk>[] attached;
        lock (_lock)
        {
            attached = [.. _attached];
        }

        if (attached.Length > 0)
        {
            var copy = bytes.ToArray();
            Array.ForEach(attached, tell => tell(new(isError, copy)));
        }
    }

    /// <summary>What it left to say, or the end of its log if it is to be asked.</summary>
    private string? MessageOf(int code)
    {
        try
        {
            if (Tail(_plan.TerminationMessage, MaxMessage) is { Length: > 0 } message)
            {
                return message;
            }

            return code != 0 && _spec.TerminationMessagePolicy == "FallbackToLogsOnError" ? LogTail() : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? LogTail()
    {
        // Time, stream and kind stand before each line.
        var lines = (Tail(_logFile, 4 * MaxLogMessage) ?? "").Split('\n').Select(line => line.Split(' ', 4)).Where(parts => parts.Length == 4).Select(parts => parts[3] + "\n").TakeLast(80);
        var text = string.Concat(lines);
        return text.Length == 0 ? null : text[Math.Max(0, text.Length - MaxLogMessage)..];
    }

    private static string? Tail(string path, int bytes)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(bytes, file.Length), SeekOrigin.End);
        var buffer = new byte[bytes];
        return Encoding.UTF8.GetString(buffer, 0, file.ReadAtLeast(buffer, bytes, throwOnEndOfStream: false));
    }

    private sealed class Attachment(ProcessRun run, Action<OutputChunk> output) : IDisposable
    {
        public void Dispose()
        {
            lock (run._lock)
            {
                run._attached.Remove(output);
            }
        }
    }
}
