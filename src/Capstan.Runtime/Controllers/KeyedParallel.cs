using System.Collections.Concurrent;
using Capstan.Queueing;

namespace Capstan;

/// <summary>Runs work for many keys at once, and never twice at a time for one key: neither from two calls nor, as <see cref="ControllerBuilder.Parallel"/>, beside that
/// controller's own run of it.</summary>
/// <remarks>
/// <para>Caveat: work that waits for a key which it has itself, by calling this for its own key or from the reconcile of it, waits for ever.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class KeyedParallel
{
    private volatile WorkQueue<ObjectKey> _keys = new();

    /// <summary>Calls <paramref name="body"/> once for each key, doubles counting once, and returns when all have ended. One that fails keeps no other from running.</summary>
    /// <param name="keys">Begun in this order; a key that is in use elsewhere is waited for.</param>
    /// <param name="maxDegree">Calls at a time, at most.</param>
    /// <param name="body">The work. What it throws is collected.</param>
    /// <param name="cancellationToken">No more keys are begun; those that run get the token too.</param>
    /// <exception cref="AggregateException">Some failed: each as a <see cref="KeyFailedException"/>, in order of the keys.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the controller has stopped, before all keys had their turn.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDegree"/> is under 1.</exception>
    public async Task ForEachAsync(IEnumerable<ObjectKey> keys, int maxDegree, Func<ObjectKey, CancellationToken, Task> body, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDegree, 1);
        var turns = new ConcurrentQueue<ObjectKey>(keys.Distinct());
        var all = turns.Count;
        var errors = new ConcurrentBag<KeyFailedException>();
        var done = 0;
        var queue = _keys;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(maxDegree, all)).Select(_ => Task.Run(WorkAsync, CancellationToken.None)));
        if (!errors.IsEmpty)
        {
            throw new AggregateException($"{errors.Count} of {all} keys failed", errors.OrderBy(error => error.Key));
        }

        if (done < all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new OperationCanceledException("the controller has stopped");
        }

        async Task WorkAsync()
        {
            while (!cancellationToken.IsCancellationRequested && turns.TryDequeue(out var key) && await TakeAsync(queue, key, cancellationToken))
            {
                try
                {
                    await body(key, cancellationToken);
                    Interlocked.Increment(ref done);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    // It has not been done.
                }
                catch (Exception exception)
                {
                    errors.Add(new(key, exception));
                }
                finally
                {
                    queue.Done(key);
                }
            }
        }
    }

    /// <summary>From now on a key is either with one of the queue's workers or with this.</summary>
    internal void Share(WorkQueue<ObjectKey> keys) => _keys = keys;

    private static async ValueTask<bool> TakeAsync(WorkQueue<ObjectKey> queue, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await queue.TakeAsync(key, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>The work for one key failed; the cause is the inner exception.</summary>
public sealed class KeyFailedException : Exception
{
    internal KeyFailedException(ObjectKey key, Exception cause)
        : base($"{key}: {cause.Message}", cause) => Key = key;

    /// <summary>Whose work it was.</summary>
    public ObjectKey Key { get; }
}
