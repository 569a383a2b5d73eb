namespace Capstan.Testing;

/// <summary>Waits, in real time, for what another process or thread brings about; a failure tells what was seen last.</summary>
/// <remarks>For waits across the wire only. What can be driven by a fake clock should be.</remarks>
public static class Eventually
{
    /// <summary>How long a wait lasts unless told otherwise.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads again and again until <paramref name="holds"/> is true of what was read.</summary>
    /// <param name="what">What is waited for, as the end of the sentence "waited for ...".</param>
    /// <param name="read">Reads the state; an exception from it counts as a state that does not hold.</param>
    /// <param name="holds">Whether the state is the one waited for.</param>
    /// <param name="within">Real time allowed; null for <see cref="DefaultDeadline"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state that held.</returns>
    /// <exception cref="TimeoutException">The time ran out; the message holds the last state or exception.</exception>
    public static async Task<T> SeeAsync<T>(
        string what, Func<CancellationToken, Task<T>> read, Func<T, bool> holds, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        var deadline = within ?? DefaultDeadline;
        var start = TimeProvider.System.GetTimestamp();
        var reads = 0;
        while (true)
        {
            object? seen;
            try
            {
                reads++;
                var state = await read(cancellationToken).ConfigureAwait(false);
                if (holds(state))
                {
                    return state;
                }

                seen = state;
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                seen = fault;
            }

            var elapsed = TimeProvider.System.GetElapsedTime(start);
            if (elapsed > deadline)
            {
                throw new TimeoutException($"waited {elapsed.TotalSeconds:0.0} s and {reads} reads for {what}; last seen:\n{seen ?? "nothing"}", seen as Exception);
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }
}
