using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Counts pods that have ended such that none is counted twice or lost, whenever this program ends: a pod's uid is written into the status first, then its
/// finalizer goes, and only when that is seen gone does the uid become part of the count.</summary>
internal sealed class JobTracking(KubeClient client, JobPodWrites writes)
{
    private const int MostUncounted = 500;

    private static readonly WriteOptions StatusWrites = new() { FieldManager = NamespaceController.Manager, Subresource = "status" };

    /// <param name="view">The Job; its status is what it should be, but for the ended pods.</param>
    /// <param name="isChanged">Whether the status is to be written anyway.</param>
    /// <param name="written">Told once when the ends of pods are in the status.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether the Job has ended with this, and whether it must be looked at again.</returns>
    public async Task<(bool HasEnded, bool Again)> RunAsync(JobView view, bool isChanged, Action written, CancellationToken cancellationToken)
    {
        var (job, status) = (view.Job, view.Status);
        var tracked = view.Pods.Where(JobPods.IsTracked).Select(pod => pod.Metadata.Uid!).ToHashSet();

        // 1. Uids whose finalizers are gone become counts; ends that are new become uids.
        isChanged |= Count(status, tracked);
        var (ended, isFull) = NoteEnds(view, ref isChanged);
        isChanged |= NoteIndexes(view) | NoteEnding(view);
        if (isChanged)
        {
            job = await WriteAsync(job, status, cancellationToken);
            status = job.Status!;
            isChanged = false;
            written();
        }

        // 2. What is in the status is let go, and counted.
        var released = await Task.WhenAll(ended.Select(async pod => (pod, Done: await writes.ReleaseAsync(pod, cancellationToken))));
        foreach (var (pod, done) in released)
        {
            if (done)
            {
                tracked.Remove(pod.Metadata.Uid!);
            }
        }

        isChanged |= Count(status, tracked);

        // 3. The end is told when nothing is left to count, and nobody is left running.
        var hasEnded = !isFull && view.Ending is { } ending && End(status, ending, view);
        if (isChanged || hasEnded)
        {
            await WriteAsync(job, status, cancellationToken);
        }

        return (hasEnded, isFull || released.Any(one => !one.Done));
    }

    private async Task<Job> WriteAsync(Job job, JobStatus status, CancellationToken cancellationToken)
    {
        var uncounted = status.UncountedTerminatedPods ?? new();
        var tidy = status with
        {
            Conditions = status.Conditions is { Count: > 0 } ? status.Conditions : null,
            UncountedTerminatedPods = new() { Succeeded = NoneIfEmpty(uncounted.Succeeded), Failed = NoneIfEmpty(uncounted.Failed) },
        };
        return await client.UpdateAsync(job with { Status = tidy }, StatusWrites, cancellationToken);
    }

    private static bool Count(JobStatus status, HashSet<string> tracked)
    {
        var uncounted = status.UncountedTerminatedPods ??= new();
        var (succeeded, failed) = (uncounted.Succeeded?.RemoveAll(uid => !tracked.Contains(uid)) ?? 0, uncounted.Failed?.RemoveAll(uid => !tracked.Contains(uid)) ?? 0);
        status.Succeeded += succeeded;
        status.Failed += failed;
        return succeeded + failed > 0;
    }

    /// <returns>The pods that can be let go once the status is written, and whether there are more.</returns>
    private static (List<Pod> Ended, bool IsFull) NoteEnds(JobView view, ref bool isChanged)
    {
        var (job, ended, indexes) = (view.Job, new List<Pod>(), new HashSet<int>());
        var uncounted = view.Status.UncountedTerminatedPods!;
        foreach (var pod in view.Pods.Where(JobPods.IsTracked).OrderBy(pod => JobPods.IndexOf(pod, job) ?? int.MaxValue))
        {
            if (!MayGo(view, pod))
            {
                continue;
            }

            ended.Add(pod);
            if (JobPods.HasSucceeded(pod) && !view.IsUncountedFailed(pod))
            {
                if (!job.IsIndexed)
                {
                    isChanged |= Add(view.IsUncounted(pod), () => uncounted.Succeeded ??= [], pod);
                }
                else if (JobPods.IndexOf(pod, job) is { } index && !view.CountedIndexes.Has(index))
                {
                    isChanged |= indexes.Add(index);
                }
            }
            else if ((JobPods.HasFailed(pod, job) || view.Ending is { Type: not JobConditions.SuccessCriteriaMet })
                && (!job.IsIndexed || JobPods.IndexOf(pod, job) is not null) && FailurePolicies.Judge(job.Spec.PodFailurePolicy, pod).Counts)
            {
                isChanged |= Add(view.IsUncountedFailed(pod), () => uncounted.Failed ??= [], pod);
            }

            if (indexes.Count + (uncounted.Succeeded?.Count ?? 0) + (uncounted.Failed?.Count ?? 0) >= MostUncounted)
            {
                view.SucceededIndexes = view.CountedIndexes.With(indexes);
                return (ended, true);
            }
        }

        view.SucceededIndexes = view.SucceededIndexes.With(indexes);
        return (ended, false);
    }

    private static bool Add(bool isKnown, Func<List<string>> list, Pod pod)
    {
        if (!isKnown)
        {
            list().Add(pod.Metadata.Uid!);
        }

        return !isKnown;
    }

    private static bool MayGo(JobView view, Pod pod) =>
        view.Job.Metadata.DeletionTimestamp is not null || view.Ending is not null || JobPods.HasSucceeded(pod)
        || (JobPods.HasFailed(pod, view.Job) && !(JobPods.IndexOf(pod, view.Job) is { } index && view.Predecessors.GetValueOrDefault(index)?.Metadata.Uid == pod.Metadata.Uid));

    private static bool NoteIndexes(JobView view)
    {
        if (!view.Job.IsIndexed)
        {
            return false;
        }

        var (status, completed, failed) = (view.Status, view.SucceededIndexes.ToString(), view.FailedIndexes?.ToString());
        var isChanged = (status.CompletedIndexes ?? "") != completed || status.FailedIndexes != failed;
        status.Succeeded = view.SucceededIndexes.Count;
        status.CompletedIndexes = completed.Length > 0 ? completed : null;
        status.FailedIndexes = failed;
        return isChanged;
    }

    /// <summary>That it is going to end is told before it has: whoever waits for its pods sees why they go.</summary>
    private static bool NoteEnding(JobView view)
    {
        if (view.Ending is not { Type: JobConditions.FailureTarget or JobConditions.SuccessCriteriaMet } ending)
        {
            return false;
        }

        view.Ending = JobConditions.New(ending.Type == JobConditions.FailureTarget ? "Failed" : "Complete", ending.Reason ?? "", ending.Message ?? "", view.Now);
        return JobConditions.Ensure(view.Status, ending);
    }

    private static bool End(JobStatus status, JobCondition ending, JobView view)
    {
        if (view.Terminating > 0 || status.UncountedTerminatedPods is { } uncounted && (uncounted.Succeeded?.Count ?? 0) + (uncounted.Failed?.Count ?? 0) > 0)
        {
            return false;
        }

        JobConditions.Ensure(status, ending);
        if (ending.Type == "Complete")
        {
            status.CompletionTime = ending.LastTransitionTime;
        }

        return true;
    }

    private static List<string>? NoneIfEmpty(List<string>? list) => list is { Count: > 0 } ? list : null;
}
