namespace Capstan.Queueing;

/// <summary>Holds back calls to something outside, for example another system's API: awaited before each call, not before each reconcile.</summary>
/// <remarks>Thread-safe. Waiting and asking are methods of <see cref="CallLimits"/>, so that they work on a limiter that is null: it limits nothing.</remarks>
public abstract class CallLimiter
{
    // Who waits, in the order in which they asked, and one timer for the first of them. All of it belongs to the lock.
    private readonly LinkedList<TaskCompletionSource> _line = [];
    private readonly Lock _gate = new();
    private ITimer? _timer;

    private protected CallLimiter(TimeProvider? time) => Time = time ?? TimeProvider.System;

    private protected TimeProvider Time { get; }

    private protected int Waiting_NeedsLock => _line.Count;

    internal bool TryEnter()
    {
        lock (_gate)
        {
            return TryEnter_NeedsLock(Time.GetTimestamp());
        }
    }

    /// <summary>Waits for its turn, at most so long; null: for ever.</summary>
    internal ValueTask EnterAsync(TimeSpan? within, CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (_gate)
        {
            var now = Time.GetTimestamp();
            if (TryEnter_NeedsLock(now))
            {
                return ValueTask.CompletedTask;
            }

            var wait = WaitOfNext_NeedsLock(now);
            if (wait > within)
            {
                return ValueTask.FromException(new TimeoutException(
                    $"the rate limit allows this call in {wait.TotalSeconds:0.###} s, and there are {Math.Max(0, within.Value.TotalSeconds):0.###} s left"));
            }

            Entered_NeedsLock(now, wait);
            place = _line.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            SetTimer_NeedsLock(now);
        }

        return WaitAsync(place, cancellationToken);
    }

    /// <summary>Takes a place now, if nobody waits and there is one.</summary>
    private protected abstract bool TryEnter_NeedsLock(long now);

    /// <summary>How long one who joins the line now will wait.</summary>
    private protected abstract TimeSpan WaitOfNext_NeedsLock(long now);

    /// <summary>One joins the line, for so long.</summary>
    private protected abstract void Entered_NeedsLock(long now, TimeSpan wait);

    /// <summary>One has left the line without having been let through.</summary>
    private protected abstract void Left_NeedsLock(long now);

    /// <summary>How long until the first of the line is let through; none or negative: now.</summary>
    private protected abstract TimeSpan WaitOfFirst_NeedsLock(long now);

    /// <summary>The first of the line is let through.</summary>
    private protected abstract void LetThrough_NeedsLock(long now);

    /// <summary>Runs a change that may let somebody through.</summary>
    private protected T Change<T>(Func<long, T> change)
    {
        T result;
        lock (_gate)
        {
            result = change(Time.GetTimestamp());
        }

        Release();
        return result;
    }

    private void Release()
    {
        lock (_gate)
        {
            var now = Time.GetTimestamp();
            while (_line.First is { } first && WaitOfFirst_NeedsLock(now) <= TimeSpan.Zero)
            {
                _line.RemoveFirst();
                LetThrough_NeedsLock(now);
                first.Value.SetResult();
            }

            SetTimer_NeedsLock(now);
        }
    }

    private void SetTimer_NeedsLock(long now)
    {
        if (_line.Count == 0)
        {
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // Rounded up: timers count whole milliseconds, and one that is early by a part of one would spin.
        var wait = WaitOfFirst_NeedsLock(now);
        _timer ??= Time.CreateTimer(static state => ((CallLimiter)state!).Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait > LongDelay.Longest ? LongDelay.Longest : TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private async ValueTask WaitAsync(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(_ => Leave(place, cancellationToken), null);
        await place.Value.Task;
    }

    private void Leave(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Not in the line: it has been let through, and that stands.
            if (place.List is not null)
            {
                var now = Time.GetTimestamp();
                _line.Remove(place);
                Left_NeedsLock(now);
                place.Value.SetCanceled(cancellationToken);
                SetTimer_NeedsLock(now);
            }
        }
    }
}

/// <summary>Waits for leave to make a call.</summary>
public static class CallLimits
{
    /// <summary>Waits until a call may be made. Those who wait are served in the order in which they asked; one that is cancelled gives its place back.</summary>
    /// <remarks>Within a reconcile that has a timeout, a wait that would outlast it fails at once instead of holding a worker for nothing.</remarks>
    /// <param name="limiter">Null: unlimited.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The wait would be longer than the reconcile's time; nothing was taken.</exception>
    public static ValueTask WaitAsync(this CallLimiter? limiter, CancellationToken cancellationToken = default) => limiter.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Waits until a call may be made, at most so long.</summary>
    /// <param name="limiter">Null: unlimited.</param>
    /// <param name="within">Time that is left; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The wait would be longer: told at once, and nothing was taken.</exception>
    public static ValueTask WaitAsync(this CallLimiter? limiter, TimeSpan within, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        TimeSpan? limit = within == Timeout.InfiniteTimeSpan ? null : within;
        if (RunDeadline.Left is { } left && (limit is null || left < limit))
        {
            limit = left;
        }

        return limiter?.EnterAsync(limit, cancellationToken) ?? ValueTask.CompletedTask;
    }

    /// <summary>Whether a call may be made now; if so, it is counted. Never waits.</summary>
    /// <param name="limiter">Null: unlimited.</param>
    public static bool Allow(this CallLimiter? limiter) => limiter?.TryEnter() ?? true;
}
