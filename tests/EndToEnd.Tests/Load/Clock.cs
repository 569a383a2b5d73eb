namespace EndToEnd.Tests.Load;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class Clock : TimeProvider
{
    private long _now;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Moves it on.</summary>
    public void Pass(int milliseconds) => _now += TimeSpan.FromMilliseconds(milliseconds).Ticks;

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;
}
