using Capstan;
using Databases.Metrics;
using Microsoft.Extensions.Logging;

namespace Databases.Reconciling;

/// <summary>Counts, times and logs each run.</summary>
internal sealed class MeasuredRuns(Reconciler reconciler, DatabaseMetrics metrics, ILogger logger, TimeProvider time)
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Log.Reconciling(logger, key.ToString());
        var startedAt = time.GetTimestamp();
        var result = "error";
        try
        {
            var after = await reconciler.ReconcileAsync(key, cancellationToken);
            result = after == ReconcileResult.Done ? "success" : "requeue";
            return after;
        }
        finally
        {
            metrics.Ran(result, time.GetElapsedTime(startedAt));
        }
    }
}
