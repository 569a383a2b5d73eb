namespace Capstan.Cluster.Cleanup;

/// <summary>Looks again and again at what is to be watched: when it is told to, and every half minute, for what nobody tells.</summary>
/// <remarks><see cref="LookAgain"/> may be called by any thread.</remarks>
internal sealed class Lookout(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

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
    /// <param name="failed">Is told of those.</param>
    /// <param name="stop">Ends it, by <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(Func<CancellationToken, Task> look, Action<Exception> failed, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await look(stop);
            }
            catch (Exception error) when (!stop.IsCancellationRequested && error is ApiException or HttpRequestException or TimeoutException)
            {
                failed(error);
            }

            if (await _asked.WaitAsync(Interval, stop))
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
