namespace Capstan.Queueing;

/// <summary>Delays of any length: a system timer takes 49 days at most.</summary>
internal static class LongDelay
{
    /// <summary>The longest that a timer is set for: all of them are set anew until the time has come.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static async Task WaitAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken)
    {
        for (; delay > Longest; delay -= Longest)
        {
            await Task.Delay(Longest, time, cancellationToken);
        }

        await Task.Delay(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, time, cancellationToken);
    }
}
