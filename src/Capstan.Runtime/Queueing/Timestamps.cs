namespace Capstan.Queueing;

/// <summary>Durations in the units of <see cref="TimeProvider.GetTimestamp"/>, without overflow for very long ones.</summary>
internal static class Timestamps
{
    public static long From(TimeProvider time, TimeSpan duration)
    {
        var units = (Int128)duration.Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond;
        return units > long.MaxValue ? long.MaxValue : (long)units;
    }

    public static long AddSaturating(long timestamp, long duration) =>
        timestamp > long.MaxValue - duration ? long.MaxValue : timestamp + duration;
}
