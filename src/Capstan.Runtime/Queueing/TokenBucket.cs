namespace Capstan.Queueing;

/// <summary>A rate over all keys: so many per second, with a burst. As a rate limiter it spaces retries; <see cref="WaitAsync"/> holds back calls of any kind.</summary>
/// <remarks>Thread-safe. Those who wait are served in the order in which they asked.</remarks>
public sealed class TokenBucket : RateLimiter
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly double _perSecond;
    private readonly double _burst;
    private double _tokens;
    private long _countedAt;

    /// <summary>Makes a full bucket.</summary>
    /// <param name="perSecond">Tokens that come in per second.</param>
    /// <param name="burst">Tokens that it holds.</param>
    /// <param name="time">Its clock. Default: the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive, or the burst is under one.</exception>
    public TokenBucket(double perSecond, int burst, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _time = time ?? TimeProvider.System;
        _perSecond = perSecond;
        _burst = _tokens = burst;
        _countedAt = _time.GetTimestamp();
    }

    /// <summary>Takes a token and says how long to wait for it; nothing when one was there.</summary>
    public TimeSpan Reserve()
    {
        lock (_gate)
        {
            Refill_NeedsLock();
            _tokens--;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(-_tokens / _perSecond, TimeSpan.MaxValue.TotalSeconds / 2));
        }
    }

    /// <summary>Takes a token if one is there now.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            Refill_NeedsLock();
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }

    /// <summary>Waits for a token. A wait that is cancelled gives its token back.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var delay = Reserve();
        if (delay == TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await Task.Delay(delay, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _tokens = Math.Min(_burst, _tokens + 1);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override TimeSpan DelayFor(int failures) => Reserve();

    private void Refill_NeedsLock()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + _time.GetElapsedTime(_countedAt, now).TotalSeconds * _perSecond);
        _countedAt = now;
    }
}
