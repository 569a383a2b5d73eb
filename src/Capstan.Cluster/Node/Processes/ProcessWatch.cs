namespace Capstan.Cluster.Node.Processes;

/// <summary>Gives snapshots of the machine's processes to all who wait for the end of some: those who ask at the same time share one.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ProcessWatch
{
    private readonly Lock _lock = new();
    private Task<ProcessSnapshot>? _next;
    private Task _last = Task.CompletedTask;

    /// <summary>That of the machine: there is one table of processes.</summary>
    public static ProcessWatch Shared { get; } = new();

    /// <summary>How many snapshots have been taken.</summary>
    public long Taken { get; private set; }

    /// <summary>A snapshot that is begun after this call, and after the one before it has ended.</summary>
    public Task<ProcessSnapshot> NextAsync()
    {
        lock (_lock)
        {
            return _next ??= Task.Run(() => TakeAfterAsync(_last));
        }
    }

    private async Task<ProcessSnapshot> TakeAfterAsync(Task last)
    {
        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            // Who asks from here on has the next one.
            _last = _next!;
            _next = null;
            Taken++;
        }

        return ProcessSnapshot.Take();
    }
}
