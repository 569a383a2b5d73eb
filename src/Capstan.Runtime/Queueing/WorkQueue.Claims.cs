namespace Capstan.Queueing;

/// <content>Work on one certain key, outside of the turns.</content>
public sealed partial class WorkQueue<TKey>
{
    // Those who wait for a key that another has. Rare, so that entries need no room for it.
    private Dictionary<TKey, LinkedList<TaskCompletionSource<bool>>>? _claims;

    /// <summary>Takes this key as a worker would, as soon as nobody else has it. A run that is asked for is kept: it comes after <see cref="Done"/>.</summary>
    /// <remarks>Those who wait for a key get it in the order in which they asked, before the workers. Waiting for a key that one has oneself never ends.</remarks>
    /// <returns>True: the caller has the key, and owes the queue a <see cref="Done"/> for it. False: the queue has shut down.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled while waiting.</exception>
    public async ValueTask<bool> TakeAsync(TKey key, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource<bool> claim;
        lock (_gate)
        {
            if (_shutDown)
            {
                return false;
            }

            var entry = _entries.FindOrAdd(key);
            if (entry.State < EntryState.Running)
            {
                Claim_NeedsLock(entry);
                return true;
            }

            claim = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _claims ??= [];
            if (!_claims.TryGetValue(key, out var queued))
            {
                _claims.Add(key, queued = []);
            }

            queued.AddLast(claim);
        }

        await using var registration = cancellationToken.UnsafeRegister(_ => Withdraw(key, claim, cancellationToken), null);
        return await claim.Task;
    }

    private void Claim_NeedsLock(QueueEntry<TKey> entry)
    {
        if (entry.State == EntryState.Ready)
        {
            _ready.Remove(entry);
            entry.State = EntryState.RunningDirty;
        }
        else
        {
            entry.State = EntryState.Running;
        }

        _ready.Started(entry);
        entry.Since = _time.GetTimestamp();
        _running.Append(entry);
    }

    /// <summary>An entry that comes back from a worker goes to who waits for it, if anyone does.</summary>
    private bool PassOn_NeedsLock(QueueEntry<TKey> entry, long now)
    {
        if (_claims is null || !_claims.TryGetValue(entry.Key, out var queued))
        {
            return false;
        }

        var claim = queued.First!.Value;
        Drop_NeedsLock(entry.Key, queued, claim);
        _ready.Started(entry);
        entry.Since = now;
        _running.Append(entry);
        claim.SetResult(true);
        return true;
    }

    private void Withdraw(TKey key, TaskCompletionSource<bool> claim, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Not in the list: it has been given the key or a shutdown, and that answer stands.
            if (_claims!.TryGetValue(key, out var queued) && queued.Contains(claim))
            {
                Drop_NeedsLock(key, queued, claim);
                claim.SetCanceled(cancellationToken);
            }
        }
    }

    private void Drop_NeedsLock(TKey key, LinkedList<TaskCompletionSource<bool>> queued, TaskCompletionSource<bool> claim)
    {
        queued.Remove(claim);
        if (queued.Count == 0)
        {
            _claims!.Remove(key);
        }
    }

    private void EndClaims_NeedsLock()
    {
        foreach (var claim in _claims?.Values.SelectMany(queued => queued) ?? [])
        {
            claim.SetResult(false);
        }

        _claims?.Clear();
    }
}
