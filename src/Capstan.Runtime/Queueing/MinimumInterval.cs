namespace Capstan.Queueing;

/// <summary>At least so much time from one call to the next, counted from when a call was really let through. The first passes.</summary>
/// <remarks>Thread-safe; on a monotonic clock.</remarks>
public sealed class MinimumInterval : CallLimiter
{
    private readonly TimeSpan _interval;
    private long? _lastAt;

    /// <summary>No call has been made yet.</summary>
    /// <param name="interval">From call to call. Default 100 ms.</param>
    /// <param name="time">Its clock. Default: the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is negative.</exception>
    public MinimumInterval(TimeSpan? interval = null, TimeProvider? time = null)
        : base(time)
    {
        _interval = interval ?? TimeSpan.FromMilliseconds(100);
        ArgumentOutOfRangeException.ThrowIfLessThan(_interval, TimeSpan.Zero, nameof(interval));
    }

    /// <summary>Forgets the last call: the next one passes, and who waits for it at once.</summary>
    public void Reset() => Change<long?>(_ => _lastAt = null);

    private protected override bool TryEnter_NeedsLock(long now)
    {
        if (Waiting_NeedsLock > 0 || WaitOfFirst_NeedsLock(now) > TimeSpan.Zero)
        {
            return false;
        }

        _lastAt = now;
        return true;
    }

    private protected override TimeSpan WaitOfNext_NeedsLock(long now)
    {
        var first = Math.Max(0, WaitOfFirst_NeedsLock(now).Ticks);
        return TimeSpan.FromTicks((long)Int128.Min(long.MaxValue, first + (Int128)_interval.Ticks * Waiting_NeedsLock));
    }

    private protected override TimeSpan WaitOfFirst_NeedsLock(long now) => _lastAt is { } last ? _interval - Time.GetElapsedTime(last, now) : TimeSpan.Zero;

    private protected override void LetThrough_NeedsLock(long now) => _lastAt = now;

    private protected override void Entered_NeedsLock(long now, TimeSpan wait)
    {
        // Who is in the line has no time of its own: those in front may leave.
    }

    private protected override void Left_NeedsLock(long now)
    {
        // Those behind move up.
    }
}
