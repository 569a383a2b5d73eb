using Capstan.Queueing;

namespace Capstan.Controllers;

/// <summary>The time that a run has, and the token that ends it.</summary>
internal readonly struct RunLimit : IDisposable
{
    // What a timer takes at most: a limit beyond it is none.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1L);
    private readonly TimeSpan _limit;
    private readonly CancellationToken _abort;
    private readonly CancellationTokenSource? _timer, _either;
    private readonly RunDeadline? _deadline;

    /// <param name="limit">Null: none.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="abort">Ends the run whatever time is left.</param>
    public RunLimit(TimeSpan? limit, TimeProvider time, CancellationToken abort)
    {
        _abort = abort;
        if (limit is { } some && some < Longest)
        {
            _limit = some;
            _timer = new(some, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, abort);
            _deadline = new(some, time);
        }
    }

    public CancellationToken Token => _either?.Token ?? _abort;

    /// <summary>Whether the run was ended because its time was over.</summary>
    public bool IsOver => _timer is { IsCancellationRequested: true } && !_abort.IsCancellationRequested;

    /// <summary>What the end of its time means for the run.</summary>
    public RunTimeoutException Error(Exception cause) => new(_limit, cause);

    public void Dispose()
    {
        _deadline?.Dispose();
        _either?.Dispose();
        _timer?.Dispose();
    }
}

/// <summary>A run took longer than it may.</summary>
internal sealed class RunTimeoutException(TimeSpan limit, Exception cause) : Exception($"the reconcile took longer than {limit}", cause)
{
    public TimeSpan Limit { get; } = limit;
}
