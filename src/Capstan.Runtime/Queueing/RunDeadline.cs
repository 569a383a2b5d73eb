namespace Capstan.Queueing;

/// <summary>Until when the code that runs now has time, where that is known: how a wait knows that it would be for nothing.</summary>
internal static class RunDeadline
{
    private static readonly AsyncLocal<Limit?> Current = new();

    /// <summary>What is left; null without a deadline.</summary>
    public static TimeSpan? Left => Current.Value is { } limit ? limit.Length - limit.Time.GetElapsedTime(limit.StartedAt) : null;

    /// <summary>From here on, in this flow of control, there is this much time.</summary>
    public static void Begin(TimeSpan length, TimeProvider time) => Current.Value = new(length, time, time.GetTimestamp());

    private sealed record Limit(TimeSpan Length, TimeProvider Time, long StartedAt);
}
