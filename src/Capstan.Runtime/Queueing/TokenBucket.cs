namespace Capstan.Queueing;

/// <summary>A rate with a burst: so many calls per second, over all who share the bucket.</summary>
/// <remarks>Thread-safe. A place in the line that is given back is the next one's: nobody behind waits longer than without it.</remarks>
public sealed class TokenBucket : CallLimiter
{
    private readonly double _perSecond, _burst;

    // When those in the line are let through. The tokens for it are taken already: their count is negative by as much.
    private readonly LinkedList<long> _slots = [];
    private double _tokens;
    private long _countedAt, _lastReserved;

    /// <summary>Makes a full bucket.</summary>
    /// <param name="perSecond">Tokens that come in per second. Default 10.</param>
    /// <param name="burst">Tokens that it holds. Default 1.</param>
    /// <param name="time">Its clock. Default: the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive or not finite, or the burst is under one.</exception>
    public TokenBucket(double perSecond = 10, int burst = 1, TimeProvider? time = null)
        : base(time)
    {
        if (!double.IsFinite(perSecond) || perSecond <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, "must be positive and finite; for no limit use no limiter");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _perSecond = perSecond;
        _burst = _tokens = burst;
        _countedAt = Time.GetTimestamp();
    }

    /// <summary>Takes a token and says how long to wait for it; nothing when one was there. It cannot be given back.</summary>
    public TimeSpan Reserve() => Change(now =>
    {
        var wait = WaitOfNext_NeedsLock(now);
        Take_NeedsLock(now, wait);
        return wait;
    });

    private protected override bool TryEnter_NeedsLock(long now)
    {
        if (WaitOfNext_NeedsLock(now) > TimeSpan.Zero)
        {
            return false;
        }

        Take_NeedsLock(now, TimeSpan.Zero);
        return true;
    }

    private protected override TimeSpan WaitOfNext_NeedsLock(long now)
    {
        _tokens = Math.Min(_burst, _tokens + Time.GetElapsedTime(_countedAt, now).TotalSeconds * _perSecond);
        _countedAt = now;
        return _tokens >= 1 ? TimeSpan.Zero : TimeOf(1 - _tokens);
    }

    private protected override void Entered_NeedsLock(long now, TimeSpan wait)
    {
        Take_NeedsLock(now, wait);
        _slots.AddLast(_lastReserved);
    }

    private protected override TimeSpan WaitOfFirst_NeedsLock(long now) => Time.GetElapsedTime(now, _slots.First!.Value);

    private protected override void LetThrough_NeedsLock(long now) => _slots.RemoveFirst();

    /// <summary>Those behind move up, so the slot that is left over is the last one's. What was reserved after it is promised, and keeps its time.</summary>
    private protected override void Left_NeedsLock(long now)
    {
        var slot = _slots.Last!.Value;
        _slots.RemoveLast();
        if (slot <= now)
        {
            return;
        }

        _ = WaitOfNext_NeedsLock(now);
        var promised = Time.GetElapsedTime(slot, _lastReserved).TotalSeconds * _perSecond;
        _tokens = Math.Min(_burst, _tokens + Math.Max(0, 1 - promised));
        if (slot == _lastReserved)
        {
            _lastReserved = Math.Max(now, slot - Timestamps.From(Time, TimeOf(1)));
        }
    }

    private TimeSpan TimeOf(double tokens) => TimeSpan.FromSeconds(Math.Min(tokens / _perSecond, TimeSpan.MaxValue.TotalSeconds / 2));

    private void Take_NeedsLock(long now, TimeSpan wait)
    {
        _tokens--;
        _lastReserved = Timestamps.AddSaturating(now, Timestamps.From(Time, wait));
    }
}

/// <summary>Spaces the next runs of all keys of a queue by a bucket, whichever key it is.</summary>
/// <param name="bucket">May be shared by several queues.</param>
public sealed class BucketRateLimiter(TokenBucket bucket) : RateLimiter
{
    /// <inheritdoc/>
    public override TimeSpan DelayFor(int failures) => bucket.Reserve();
}
