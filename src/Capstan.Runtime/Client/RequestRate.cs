namespace Capstan.Client;

/// <summary>Holds requests back: so many per second, with a burst. Those who wait are served in the order in which they came.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RequestRate
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly double _interval;
    private readonly double _slack;

    // When the next request may go, in seconds since the start; the past holds at most a burst.
    private readonly long _start;
    private double _next;

    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive, or the burst is under one.</exception>
    public RequestRate(double perSecond, int burst, TimeProvider time)
    {
        if (!(perSecond > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, "requests per second must be positive");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _time = time;
        _interval = 1 / perSecond;
        _slack = (burst - 1) * _interval;
        _start = time.GetTimestamp();
        _next = -_slack;
    }

    /// <summary>Takes a place in the row and says how long to wait for it.</summary>
    public TimeSpan Reserve()
    {
        lock (_gate)
        {
            var now = _time.GetElapsedTime(_start).TotalSeconds;
            var mine = Math.Max(_next, now - _slack);
            _next = mine + _interval;
            return mine <= now ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(mine - now, TimeSpan.FromDays(1).TotalSeconds));
        }
    }

    /// <summary>Waits for a place. A wait that is cancelled gives its place back.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wait = Reserve();
        if (wait == TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await Task.Delay(wait, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _next -= _interval;
            }

            throw;
        }
    }
}
