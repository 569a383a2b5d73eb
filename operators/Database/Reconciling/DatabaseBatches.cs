using Capstan;
using Capstan.Caching;
using Databases.Resources;
using Microsoft.Extensions.Logging;

namespace Databases.Reconciling;

/// <summary>Reconciles the keys that are ready together: those that are new first, then the others. One that fails keeps no other from its turn.</summary>
/// <param name="databases">Tells which are new.</param>
/// <param name="reconcile">Reconciles one.</param>
/// <param name="degree">So many at once; 1: one after the other.</param>
/// <param name="logger">Told of the errors of a batch, all together.</param>
internal sealed class DatabaseBatches(
    ObjectCache<Database> databases, Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, int degree, ILogger logger) : BatchReconciler
{
    /// <inheritdoc/>
    public override async Task ReconcileAsync(ReconcileBatch batch, CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        foreach (var group in batch.Keys.ToLookup(IsNew).OrderByDescending(group => group.Key))
        {
            await Parallel.ForEachAsync(group, new ParallelOptions { MaxDegreeOfParallelism = degree, CancellationToken = cancellationToken }, async (key, token) =>
            {
                try
                {
                    batch.Settle(key, await reconcile(key, token));
                }
                catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    batch.Fail(key, error);
                    lock (errors)
                    {
                        errors.Add($"{key}: {error.Message}");
                    }
                }
            });
        }

        if (errors.Count > 0)
        {
            Log.BatchFailed(logger, errors.Count, batch.Keys.Count, string.Join("; ", errors));
        }
    }

    private bool IsNew(ObjectKey key) => string.IsNullOrEmpty(databases.Get(key)?.Status?.Phase);
}
