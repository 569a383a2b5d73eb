namespace Capstan.Webhooks;

/// <summary>Wakes one waiter, which also wakes by itself after a time. Rings that nobody waited for count as one.</summary>
internal sealed class Alarm(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    /// <summary>Never waits.</summary>
    public void Ring()
    {
        lock (_rung)
        {
            if (_rung.CurrentCount == 0)
            {
                _rung.Release();
            }
        }
    }

    /// <summary>Returns when it rings, or after <paramref name="atMost"/>.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _rung.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is time.
        }
    }

    public void Dispose() => _rung.Dispose();
}
