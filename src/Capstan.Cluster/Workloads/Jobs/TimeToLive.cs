using Capstan.Caching;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Deletes Jobs some time after their end, with their pods.</summary>
internal sealed class TimeToLive(KubeClient client, Informer jobs) : Reconciler
{
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (jobs.CacheOf<Job>().Get(key) is not { } cached || Left(cached) is not { } left)
        {
            return ReconcileResult.Done;
        }

        if (left > TimeSpan.Zero)
        {
            return ReconcileResult.After(left);
        }

        // The cache may be behind somebody who wants it to live longer.
        if (await client.FindAsync<Job>(key, cancellationToken) is not { } job || Left(job) is not { } rest)
        {
            return ReconcileResult.Done;
        }

        if (rest > TimeSpan.Zero)
        {
            return ReconcileResult.After(rest);
        }

        try
        {
            await client.DeleteAsync<Job>(key, new DeleteOptions { Uid = job.Metadata.Uid, PropagationPolicy = "Foreground" }, cancellationToken);
        }
        catch (ApiException error) when (error.IsNotFound || error.IsConflict)
        {
            // Gone already.
        }

        return ReconcileResult.Done;
    }

    private TimeSpan? Left(Job job) =>
        job is { Metadata.DeletionTimestamp: null, Spec.TtlSecondsAfterFinished: { } seconds, Finished.LastTransitionTime: { } ended }
            ? ended.AddSeconds(seconds) - client.Options.TimeProvider.GetUtcNow()
            : null;
}
