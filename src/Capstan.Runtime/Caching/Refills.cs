namespace Capstan.Caching;

/// <summary>Wishes to list anew. A wish is met by lists that began after it was made: those under way are ended for it. Thread-safe.</summary>
internal sealed class Refills
{
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource> _asked = [], _served = [];
    private CancellationTokenSource? _lists;
    private int _missing;

    /// <summary>Done when the cache holds everything that is wanted now.</summary>
    /// <exception cref="OperationCanceledException">The informer has stopped.</exception>
    public Task AskAsync()
    {
        var filled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _asked.Add(filled);
            _lists?.Cancel();
        }

        return filled.Task;
    }

    /// <summary>New lists begin.</summary>
    /// <param name="lists">Cancelled when still newer ones are wanted.</param>
    /// <param name="parts">How many lists make the whole.</param>
    public void Begin(CancellationTokenSource lists, int parts)
    {
        lock (_lock)
        {
            _lists = lists;
            _missing = parts;
            _served.AddRange(_asked);
            _asked.Clear();
        }
    }

    /// <summary>One of the lists came in whole for the first time.</summary>
    /// <returns>Whether it was the last that was missing.</returns>
    public bool Filled()
    {
        lock (_lock)
        {
            if (--_missing > 0)
            {
                return false;
            }

            _served.ForEach(static one => one.TrySetResult());
            _served.Clear();
            return true;
        }
    }

    /// <summary>The lists ended.</summary>
    public void End()
    {
        lock (_lock)
        {
            _lists = null;
        }
    }

    /// <summary>There will be no more.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            _served.Concat(_asked).ToList().ForEach(static one => one.TrySetCanceled(CancellationToken.None));
        }
    }
}
