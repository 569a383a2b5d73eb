using System.Collections.Concurrent;
using Capstan.Caching;
using Capstan.Cluster.Events;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Runs pods to their end until a Job has as many successes as it wants, or has failed.</summary>
/// <remarks>The cache shows what this program wrote: no pod is made twice because the watch is behind. How long to wait after failures is remembered for as long as the
/// program runs; nothing else is: after a restart all that counts is in the status and in the pods' finalizers.</remarks>
internal sealed class JobReconciler(KubeClient client, Informer jobs, Informer pods, ComponentEvents events) : Reconciler
{
    private const string Controller = "kubernetes.io/job-controller";

    private readonly ConcurrentDictionary<ObjectKey, (string Uid, PodBackoff Backoff)> _backoffs = new();
    private readonly JobPodWrites _podWrites = new(client, new(client, events));
    private readonly PodWrites _writes = new(client, events);

    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (jobs.CacheOf<Job>().Get(key) is not { } job || job.Finished is not null)
        {
            _backoffs.TryRemove(key, out _);
            return ReconcileResult.Done;
        }

        if (job.Spec.ManagedBy is not (null or Controller))
        {
            return ReconcileResult.Done;
        }

        if (job.Spec.CompletionMode is not (null or "NonIndexed" or "Indexed"))
        {
            events.Warning(job, "UnknownCompletionMode", "Skipped Job sync because completion mode is unknown");
            return ReconcileResult.Done;
        }

        try
        {
            return await SyncAsync(job, cancellationToken);
        }
        catch (ApiException error) when (error.IsConflict)
        {
            return ReconcileResult.Requeue;
        }
        catch (ApiException error) when (error.IsNotFound)
        {
            return ReconcileResult.Done;
        }
    }

    private async Task<ReconcileResult> SyncAsync(Job job, CancellationToken cancellationToken)
    {
        // 1. Whose pods there are, and what they say.
        var selector = job.Spec.Selector?.Selector ?? LabelSelector.Nothing;
        var claiming = new Claiming<Pod>(client, Job.Resource, job, pod => selector.Matches(pod.Metadata.Labels), JobPods.Finalizer);
        var claimed = await claiming.ClaimAsync(ControllerIndex.Candidates<Pod>(pods, job, selector), cancellationToken);
        var now = client.Options.TimeProvider.GetUtcNow();
        var (before, view) = (job.Status?.StartTime, new JobView(job, claimed, now));
        if (before is null && !job.IsSuspended)
        {
            view.Status.StartTime = KubeTime.Truncate(now);
        }

        var known = _backoffs.GetValueOrDefault(job.Key);
        var backoff = (known.Uid == job.Metadata.Uid ? known.Backoff : PodBackoff.None).After(view.NewSucceeded, view.NewFailed);

        // 2. It ends, or its pods are made as many as it wants.
        view.Ending = JobVerdict.Ending(view);
        var (active, again, failure, isChanged) = view.Ending is null
            ? await GoOnAsync(view, claiming.Reference, backoff, cancellationToken)
            : await EndAsync(view, cancellationToken);

        // 3. The status, and who is counted.
        var status = view.Status;
        isChanged |= status.Active != active || status.Ready != view.Ready || status.Terminating != view.Terminating;
        (status.Active, status.Ready, status.Terminating) = (active, view.Ready, view.Terminating);
        var tracking = new JobTracking(client, _podWrites);
        var (hasEnded, isMore) = await tracking.RunAsync(view, isChanged, () => _backoffs[job.Key] = (job.Metadata.Uid!, backoff), cancellationToken);
        if (hasEnded)
        {
            TellEnd(view);
        }

        if (failure is not null || isMore)
        {
            return ReconcileResult.Requeue;
        }

        if (view.Ending is null && JobVerdict.Deadline(job) is { } deadline)
        {
            again = again is { } wait && wait < deadline - now ? wait : deadline - now;
        }

        return again is { } later ? ReconcileResult.After(later) : ReconcileResult.Done;
    }

    private async Task<(int Active, TimeSpan? Again, Exception? Failure, bool IsChanged)> EndAsync(JobView view, CancellationToken cancellationToken)
    {
        var count = view.Active.Count;
        var failure = await new JobSizing(_writes, _podWrites).DeleteAsync(view, view.Active, release: false, cancellationToken);
        if (failure is not null)
        {
            view.Ending = null;
            return (count, null, failure, false);
        }

        return (0, null, null, false);
    }

    private async Task<(int Active, TimeSpan? Again, Exception? Failure, bool IsChanged)> GoOnAsync(
        JobView view, OwnerReference reference, PodBackoff backoff, CancellationToken cancellationToken)
    {
        var job = view.Job;
        var isManaged = job.Metadata.DeletionTimestamp is null;
        var (active, again, failure) = isManaged
            ? await new JobSizing(_writes, _podWrites).RunAsync(view, reference, backoff, cancellationToken)
            : (view.Active.Count, null, null);
        if (active == 0 && again is null && (job.Spec.Completions is { } completions ? view.Succeeded >= completions : view.Succeeded > 0))
        {
            view.Ending = JobConditions.New(JobConditions.SuccessCriteriaMet, "CompletionsReached", "Reached expected number of succeeded pods", view.Now);
            return (active, again, failure, false);
        }

        return (active, again, failure, isManaged && TellSuspension(view));
    }

    private bool TellSuspension(JobView view)
    {
        var (job, status) = (view.Job, view.Status);
        if (job.IsSuspended)
        {
            if (!JobConditions.Ensure(status, JobConditions.New("Suspended", "JobSuspended", "Job suspended", view.Now)))
            {
                return false;
            }

            status.StartTime = null;
            events.Normal(job, "Suspended", "Job suspended");
            return true;
        }

        if (!JobConditions.Ensure(status, JobConditions.New("Suspended", "JobResumed", "Job resumed", view.Now, "False")))
        {
            return false;
        }

        status.StartTime = KubeTime.Truncate(view.Now);
        events.Normal(job, "Resumed", "Job resumed");
        return true;
    }

    private void TellEnd(JobView view)
    {
        var job = view.Job;
        if (view.Ending!.Type == "Complete")
        {
            if (job.Spec.Completions is { } completions && view.Status.Succeeded > completions)
            {
                events.Warning(job, "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
            }

            events.Normal(job, "Completed", "Job completed");
        }
        else
        {
            events.Warning(job, view.Ending.Reason!, view.Ending.Message!);
        }
    }
}
