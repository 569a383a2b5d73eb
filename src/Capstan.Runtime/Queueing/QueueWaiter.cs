using System.Threading.Tasks.Sources;

namespace Capstan.Queueing;

/// <summary>A worker that waits for a key. Reused from wait to wait, so that an idle worker costs no allocation.</summary>
internal sealed class QueueWaiter<TKey>(WorkQueue<TKey> queue) : IValueTaskSource<WorkItem<TKey>>
    where TKey : notnull
{
    // The continuation is the reconciler: it must not run on the thread of the informer that adds the key.
    private ManualResetValueTaskSourceCore<WorkItem<TKey>> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;

    /// <summary>In the list of waiters: whoever takes it out (a key, a shutdown, a cancellation) answers it. Belongs to the queue's lock.</summary>
    public bool Listed;

    /// <summary>Neighbours in that list, or the next free one.</summary>
    public QueueWaiter<TKey>? Previous, Next;

    /// <summary>What it was given, until its worker has picked it up.</summary>
    public QueueEntry<TKey>? Entry;

    public CancellationToken CancellationToken { get; private set; }

    public ValueTask<WorkItem<TKey>> Task => new(this, _core.Version);

    public void CancelWith(CancellationToken cancellationToken)
    {
        CancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static state => ((QueueWaiter<TKey>)state!).Cancel(), this);
    }

    public void Answer(WorkItem<TKey> item) => _core.SetResult(item);

    public void AnswerCancelled() => _core.SetException(new OperationCanceledException(CancellationToken));

    public WorkItem<TKey> GetResult(short token)
    {
        // Waits for a cancellation that is under way, so that it cannot meet the next use of this object.
        _registration.Dispose();
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            queue.PickedUp(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel() => queue.Cancel(this);
}
