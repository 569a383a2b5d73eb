namespace Capstan.Cluster.Cleanup;

/// <summary>Looks again and again at what is to be watched: when it is told to, and every half minute, for what nobody tells; soon after a look that failed.</summary>
/// <remarks><see cref="LookAgain"/> may be called by any thread.</remarks>
internal sealed class Lookout(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _asked = new(0);

    /// <summary>How long to wait, once told, for more of the same. Default: not at all.</summary>
    public TimeSpan Settle { get; init; }

    /// <summary>Something changed. However often that is said before the next look, it is one.</summary>
    public void LookAgain()
    {
        if (_asked.CurrentCount == 0)
        {
            _asked.Release();
        }
    }

    /// <summary>Looks until it is stopped.</summary>
    /// <param name="look">A look. What the server refuses or a lost connection is no end: the next look is soon.</param>
    /// <param name="failed">Is told of those, unless the look before did not fail: a server that has just been installed answers a moment later.</param>
    /// <param name="stop">Ends it, by <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(Func<CancellationToken, Task> look, Action<Exception> failed, CancellationToken stop)
    {
        var failures = 0;
        while (true)
        {
            try
            {
                await look(stop);
                failures = 0;
            }
            catch (Exception error) when (!stop.IsCancellationRequested && error is ApiException or HttpRequestException or TimeoutException)
            {
                if (++failures > 1)
                {
                    failed(error);
                }
            }

            if (await _asked.WaitAsync(failures == 1 ? Soon : Interval, stop))
            {
                if (Settle > TimeSpan.Zero)
                {
                    await Task.Delay(Settle, time, stop);
                }

                while (await _asked.WaitAsync(0, stop))
                {
                    // One look is enough for all of them.
                }
            }
        }
    }
}
