namespace Capstan.Queueing;

/// <content>Keys become ready when their time has come: one timer for all, set for the earliest.</content>
public sealed partial class WorkQueue<TKey>
{
    // Those who wait for the lock while very many keys come due get their turn after so many.
    private const int PromotedAtOnce = 256;

    // A system timer takes 49 days at most. It may fire early: it then finds nothing due and is set again.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    /// <summary>Runs on the timer: what is due becomes ready.</summary>
    private void Promote()
    {
        while (PromoteSome())
        {
            Thread.Yield();
        }
    }

    /// <returns>Whether more is due.</returns>
    private bool PromoteSome()
    {
        lock (_gate)
        {
            _timerSetFor = long.MaxValue;
            if (_shutDown)
            {
                return false;
            }

            var now = _time.GetTimestamp();
            for (var count = 0; count < PromotedAtOnce && _waiting.Earliest is { } entry && entry.Deadline <= now; count++)
            {
                _adds++;
                _waiting.Remove(entry);
                if (entry.State == EntryState.Waiting)
                {
                    _ready.Append(entry, now);
                }
                else
                {
                    entry.State = EntryState.RunningDirty;
                }
            }

            // Only now, so that the most urgent of those that came due together is taken first.
            while (_ready.Count > 0 && _waiters.Take() is { } waiter)
            {
                HandTo_NeedsLock(waiter, _ready.Take()!);
            }

            if (_waiting.Earliest is { } next && next.Deadline <= now)
            {
                return true;
            }

            SetTimer_NeedsLock(now);
            return false;
        }
    }

    private void SetTimer_NeedsLock(long now)
    {
        if (_waiting.Earliest is { } earliest && earliest.Deadline < _timerSetFor)
        {
            _timerSetFor = earliest.Deadline;
            var delay = earliest.Deadline <= now ? TimeSpan.Zero : _time.GetElapsedTime(now, earliest.Deadline);

            // Rounded up: timers count whole milliseconds, and one that is early by a part of one would spin.
            delay = delay >= LongestTimer ? LongestTimer : TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds));
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }
}
