namespace Capstan;

/// <summary>The keys of one call of a <see cref="BatchReconciler"/>, and the answers for them. Thread-safe.</summary>
public sealed class ReconcileBatch
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Answer?> _answers;
    private bool _ended;

    internal ReconcileBatch(string group, IReadOnlyList<ObjectKey> keys)
    {
        Group = group;
        Keys = keys;
        _answers = keys.ToDictionary(static key => key, static _ => default(Answer?));
    }

    /// <summary>What <see cref="BatchReconciler.GroupOf"/> gave for each of the keys.</summary>
    public string Group { get; }

    /// <summary>At least one; each once; the most urgent first.</summary>
    public IReadOnlyList<ObjectKey> Keys { get; }

    /// <summary>The key was reconciled. An error that was or will be told of it wins; of several results the last one counts.</summary>
    /// <exception cref="ArgumentException">The key is not in the batch.</exception>
    /// <exception cref="InvalidOperationException">The batch has ended.</exception>
    public void Settle(ObjectKey key, ReconcileResult result) => Put(key, new(result, null));

    /// <summary>The key failed: again after its backoff, or with a <see cref="TerminalException"/> not before something changes. Of several errors the first one counts.</summary>
    /// <exception cref="ArgumentException">The key is not in the batch.</exception>
    /// <exception cref="InvalidOperationException">The batch has ended.</exception>
    public void Fail(ObjectKey key, Exception exception) => Put(key, new(default, exception));

    /// <summary>Reconciles each key for itself, several at a time; what it gives or throws is the key's answer.</summary>
    /// <param name="maxDegree">So many at a time.</param>
    /// <param name="reconcile">Called once for each key.</param>
    /// <param name="cancellationToken">No more keys are begun; those left have no answer.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDegree"/> is under 1.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task ForEachAsync(int maxDegree, Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDegree, 1);
        return Parallel.ForEachAsync(Keys, new ParallelOptions { MaxDegreeOfParallelism = maxDegree, CancellationToken = cancellationToken }, async (key, token) =>
        {
            try
            {
                Settle(key, await reconcile(key, token));
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                Fail(key, exception);
            }
        });
    }

    /// <summary>No more answers are taken.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
        }
    }

    internal Answer? AnswerFor(ObjectKey key)
    {
        lock (_gate)
        {
            return _answers[key];
        }
    }

    private void Put(ObjectKey key, Answer answer)
    {
        lock (_gate)
        {
            if (_ended)
            {
                throw new InvalidOperationException($"an answer for {key} after the end of its batch");
            }

            if (!_answers.TryGetValue(key, out var before))
            {
                throw new ArgumentException($"{key} is not in this batch");
            }

            if (before?.Error is null)
            {
                _answers[key] = answer;
            }
        }
    }

    internal readonly record struct Answer(ReconcileResult Result, Exception? Error);
}
