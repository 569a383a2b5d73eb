namespace Capstan.Queueing;

/// <summary>Until when the code that runs now has time, where that is known: how a wait knows that it would be for nothing.</summary>
internal sealed class RunDeadline : IDisposable
{
    private static readonly AsyncLocal<RunDeadline?> Current = new();
    private readonly TimeSpan _length;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private volatile bool _ended;

    /// <summary>From here on, in this flow of control and what it starts, there is this much time; until it is disposed, for what outlives the run has no deadline.</summary>
    public RunDeadline(TimeSpan length, TimeProvider time)
    {
        _length = length;
        _time = time;
        _startedAt = time.GetTimestamp();
        Current.Value = this;
    }

    /// <summary>What is left; null without a deadline.</summary>
    public static TimeSpan? Left => Current.Value is { _ended: false } limit ? limit._length - limit._time.GetElapsedTime(limit._startedAt) : null;

    public void Dispose() => _ended = true;
}
