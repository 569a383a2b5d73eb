namespace Capstan.Election;

/// <summary>Wakes one waiter; set while nobody waits, it wakes the next at once. Thread-safe but for one waiter at a time.</summary>
internal sealed class Signal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _set = New();

    public void Set()
    {
        lock (_gate)
        {
            _set.TrySetResult();
        }
    }

    /// <summary>Returns when it is set, or after <paramref name="limit"/>; it is then not set any more.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        Task set;
        lock (_gate)
        {
            set = _set.Task;
        }

        if (limit > TimeSpan.Zero && !set.IsCompleted)
        {
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var waits = Task.Delay(limit, time, woken.Token);
            await Task.WhenAny(set, waits);
            await woken.CancelAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_set.Task.IsCompleted)
            {
                _set = New();
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
