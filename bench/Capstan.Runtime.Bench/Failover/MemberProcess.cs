using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Capstan.Runtime.Bench.Failover;

/// <summary>A <see cref="Member"/>, and what it wrote. Its timestamps are those of the machine's monotonic clock, which all processes share.</summary>
internal sealed class MemberProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<Line> _lines = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    public MemberProcess(string kubeconfig, string name, string mode, string[] durations)
    {
        Name = name;
        StartedAt = Stopwatch.GetTimestamp();
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["failover-member", kubeconfig, name, mode, .. durations])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _reading = ReadAsync();
    }

    public string Name { get; }

    public long StartedAt { get; }

    /// <summary>When it was gone; null while it runs.</summary>
    public long? EndedAt { get; private set; }

    public Task Synced => _synced.Task;

    public IReadOnlyCollection<Line> Lines => _lines;

    /// <summary>kill -9.</summary>
    /// <returns>When it was sent.</returns>
    public async Task<long> KillAsync()
    {
        var at = Stopwatch.GetTimestamp();
        _process.Kill();
        await EndedAsync();
        return at;
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>When it was sent.</returns>
    public async Task<long> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        var at = Stopwatch.GetTimestamp();
        await EndedAsync();
        return at;
    }

    public void Dispose()
    {
        if (EndedAt is null)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task EndedAsync()
    {
        await _process.WaitForExitAsync();
        EndedAt = Stopwatch.GetTimestamp();
        await _reading;
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            if (text.Split(' ') is [var at, var what, var key, var wanted])
            {
                _lines.Enqueue(new(long.Parse(at, CultureInfo.InvariantCulture), what, key, wanted == "-" ? 0 : long.Parse(wanted, CultureInfo.InvariantCulture)));
                if (what == "synced")
                {
                    _synced.TrySetResult();
                }
            }
        }
    }

    /// <param name="At">When, by the monotonic clock.</param>
    /// <param name="What"><c>start</c>, <c>end</c> or <c>synced</c>.</param>
    /// <param name="Key">Name of the object.</param>
    /// <param name="Wanted">The change that the run is about; 0: none.</param>
    public readonly record struct Line(long At, string What, string Key, long Wanted);
}
