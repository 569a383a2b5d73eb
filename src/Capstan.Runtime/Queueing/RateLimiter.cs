namespace Capstan.Queueing;

/// <summary>How long a key waits before its next run. The count of failures is kept by the queue, so that a limiter needs no memory of keys.</summary>
/// <remarks>Called under the lock of the queue: it must answer at once. An instance that serves several queues must be thread-safe; those of Capstan are.</remarks>
public abstract class RateLimiter
{
    /// <summary>The delay after <paramref name="failures"/> earlier failures in a row (0: this is the first).</summary>
    public abstract TimeSpan DelayFor(int failures);
}

/// <summary>A delay that doubles with each failure and stays at its maximum: a key is tried for ever.</summary>
public sealed class ExponentialBackoff : RateLimiter
{
    private readonly TimeSpan _first, _maximum;

    /// <summary>Defaults: 5 ms, 1000 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A delay is not positive, or the maximum is less than the first.</exception>
    public ExponentialBackoff(TimeSpan? first = null, TimeSpan? maximum = null)
    {
        _first = first ?? TimeSpan.FromMilliseconds(5);
        _maximum = maximum ?? TimeSpan.FromSeconds(1000);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_first, TimeSpan.Zero, nameof(first));
        ArgumentOutOfRangeException.ThrowIfLessThan(_maximum, _first, nameof(maximum));
    }

    /// <inheritdoc/>
    public override TimeSpan DelayFor(int failures) =>
        failures >= 62 || _first.Ticks > _maximum.Ticks >> failures ? _maximum : TimeSpan.FromTicks(_first.Ticks << failures);
}

/// <summary>A short delay for the first failures, a long one for all that follow.</summary>
/// <param name="fast">Delay of the first failures.</param>
/// <param name="slow">Delay of the others.</param>
/// <param name="fastFailures">How many failures get the short delay.</param>
public sealed class FastSlow(TimeSpan fast, TimeSpan slow, int fastFailures) : RateLimiter
{
    /// <inheritdoc/>
    public override TimeSpan DelayFor(int failures) => failures < fastFailures ? fast : slow;
}

/// <summary>The longest of several limiters' delays. Each of them is asked each time.</summary>
public sealed class MaxOf(params IReadOnlyList<RateLimiter> limiters) : RateLimiter
{
    /// <inheritdoc/>
    public override TimeSpan DelayFor(int failures)
    {
        var longest = TimeSpan.Zero;
        foreach (var limiter in limiters)
        {
            var delay = limiter.DelayFor(failures);
            longest = delay > longest ? delay : longest;
        }

        return longest;
    }
}

/// <summary>Another limiter's delay, lengthened by a random part of it, so that keys that failed together do not return together.</summary>
/// <param name="inner">The limiter that gives the delay.</param>
/// <param name="random">Source of chance; used under a lock of its own.</param>
/// <param name="factor">The largest part that is added: 0.1 adds up to a tenth. Default 0.1.</param>
public sealed class Jitter(RateLimiter inner, Random random, double factor = 0.1) : RateLimiter
{
    private readonly SharedRandom _random = new(random);

    /// <inheritdoc/>
    public override TimeSpan DelayFor(int failures) => _random.Lengthen(inner.DelayFor(failures), factor);
}
