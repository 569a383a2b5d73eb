using Capstan.Caching;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Takes the finalizer from pods that no Job counts any more: it is gone, or has ended, or has let them go.</summary>
internal sealed class LostPodReconciler(JobPodWrites writes, Informer jobs, Informer pods) : Reconciler
{
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (pods.CacheOf<Pod>().Get(key) is not { } pod || !JobPods.IsTracked(pod))
        {
            return ReconcileResult.Done;
        }

        if (Applying.Owners.ControllerOf(pod) is { } controller)
        {
            if (controller.Kind != Job.Resource.Kind || controller.ApiVersion != Job.Resource.ApiVersion)
            {
                return ReconcileResult.Done;
            }

            if (jobs.CacheOf<Job>().Get(new(key.Namespace, controller.Name)) is { } job && job.Metadata.Uid == controller.Uid
                && (job.Finished is null || job.Spec.ManagedBy is not (null or "kubernetes.io/job-controller")))
            {
                return ReconcileResult.Done;
            }
        }

        return await writes.ReleaseAsync(pod, cancellationToken) ? ReconcileResult.Done : ReconcileResult.Requeue;
    }
}
