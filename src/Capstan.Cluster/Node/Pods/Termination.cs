namespace Capstan.Cluster.Node.Pods;

/// <summary>That something is to end, and when patience with it ends. The deadline only ever comes nearer.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Termination(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _overdue = new(Timeout.InfiniteTimeSpan, time);
    private DateTimeOffset? _deadline;

    /// <summary>Cancelled when it is to end.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled when it is to be ended by force.</summary>
    public CancellationToken Overdue => _overdue.Token;

    /// <summary>How long until the deadline; null unless asked.</summary>
    public TimeSpan? Left
    {
        get
        {
            lock (_lock)
            {
                return _deadline is { } deadline ? TimeSpan.FromTicks(Math.Max(0, (deadline - time.GetUtcNow()).Ticks)) : null;
            }
        }
    }

    /// <summary>Asks for the end within <paramref name="grace"/>; none or negative is at once.</summary>
    public void Ask(TimeSpan grace)
    {
        var overdue = false;
        lock (_lock)
        {
            grace = grace > Longest ? Longest : grace;
            var deadline = time.GetUtcNow() + grace;
            if (_deadline is null || deadline < _deadline)
            {
                _deadline = deadline;
                overdue = grace <= TimeSpan.Zero;
                if (!overdue)
                {
                    _overdue.CancelAfter(grace);
                }
            }
        }

        _asked.Cancel();
        if (overdue)
        {
            _overdue.Cancel();
        }
    }

    /// <summary>Stops the clock. Others may still ask, and look.</summary>
    public void Dispose() => _overdue.CancelAfter(Timeout.InfiniteTimeSpan);
}
