namespace Databases.Tests;

/// <summary>A clock on which time goes by several times as fast: what the operator waits for seconds takes a test a fraction.</summary>
internal sealed class QuickTime : TimeProvider
{
    private const int Factor = 5;

    private readonly DateTimeOffset _start = System.GetUtcNow();

    public override long TimestampFrequency => System.TimestampFrequency / Factor;

    public override DateTimeOffset GetUtcNow() => _start + ((System.GetUtcNow() - _start) * Factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, Quick(dueTime), Quick(period));

    // Infinite is negative.
    private static TimeSpan Quick(TimeSpan time) => time > TimeSpan.Zero ? time / Factor : time;
}
