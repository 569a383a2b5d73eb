using Capstan.Queueing;

namespace KubeTemplater.Reconciling;

/// <summary>When a template that failed is tried again. Pure: all that it knows of a template is in the template's status, so a restart changes nothing.</summary>
/// <remarks>
/// A cycle is an attempt and <see cref="KubeTemplaterOptions.MaxRetries"/> retries, after waits that double, and then a wait of
/// <see cref="KubeTemplaterOptions.MaxRetryDelay"/>. After <see cref="KubeTemplaterOptions.MaxRetryCycles"/> cycles one more attempt is made: if it fails too, somebody is asked
/// for. With the defaults the waits are 1, 2, 4, 8, 16 and 300 seconds, three times, and the 19th failure is the last.
/// </remarks>
internal sealed class RetrySchedule(KubeTemplaterOptions options)
{
    private readonly ExponentialBackoff _backoff = new(
        options.InitialRetryDelay < options.MaxRetryDelay ? options.InitialRetryDelay : options.MaxRetryDelay, options.MaxRetryDelay);

    /// <summary>What follows one failure more.</summary>
    public RetryStep AfterFailure(RetryCount before)
    {
        var (failures, cycles) = (Math.Max(before.Failures, 0), Math.Max(before.Cycles, 0));
        if (options.MaxRetryCycles > 0 && cycles >= options.MaxRetryCycles)
        {
            return new(RetryAction.Pause, new(failures + 1, cycles), Timeout.InfiniteTimeSpan);
        }

        var after = failures >= options.MaxRetries
            ? new RetryCount(0, cycles == int.MaxValue ? cycles : cycles + 1)
            : new RetryCount(failures + 1, cycles);
        return new(after.Failures == 0 ? RetryAction.CoolDown : RetryAction.Retry, after, WaitAt(after));
    }

    /// <summary>How much of its wait a template has left at <paramref name="now"/> that failed at <paramref name="failedAt"/>; zero or less when it is due.</summary>
    /// <remarks>Never more than the whole wait, even if the clock of who wrote the status was ahead.</remarks>
    public TimeSpan Remaining(RetryCount count, DateTimeOffset failedAt, DateTimeOffset now)
    {
        var wait = WaitAt(count);
        return now < failedAt ? wait : wait - (now - failedAt);
    }

    private TimeSpan WaitAt(RetryCount count) =>
        count.Failures > 0 ? _backoff.DelayFor(count.Failures - 1)
        : count.Cycles > 0 ? options.MaxRetryDelay
        : TimeSpan.Zero;
}

/// <summary>How often a template has failed, since it or its policy changed last.</summary>
/// <param name="Failures">Failed attempts of the present cycle; none right after a cycle has ended.</param>
/// <param name="Cycles">Cycles that have ended.</param>
internal readonly record struct RetryCount(int Failures, int Cycles);

/// <summary>What follows a failure.</summary>
/// <param name="Action">What is done.</param>
/// <param name="Count">The count from now on.</param>
/// <param name="Wait">Until then; infinite when paused.</param>
internal readonly record struct RetryStep(RetryAction Action, RetryCount Count, TimeSpan Wait);

/// <summary>What is done after a failure.</summary>
internal enum RetryAction
{
    /// <summary>Another attempt of this cycle.</summary>
    Retry,

    /// <summary>The long wait, then the first attempt of the next cycle.</summary>
    CoolDown,

    /// <summary>Nothing, until somebody changes or resumes the template.</summary>
    Pause,
}
