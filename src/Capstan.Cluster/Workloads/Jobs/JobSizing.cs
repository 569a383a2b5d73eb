using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Makes pods while a Job lacks some, deletes those that are too many: at most 500 in one look, and after failures not before its time.</summary>
internal sealed class JobSizing(PodWrites writes, JobPodWrites jobWrites)
{
    private const int Burst = 500;

    /// <param name="view">The Job; its counts are kept.</param>
    /// <param name="reference">To it.</param>
    /// <param name="backoff">Of its failures.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many pods are active now, when to look again, and the first failure.</returns>
    public async Task<(int Active, TimeSpan? Again, Exception? Failure)> RunAsync(JobView view, OwnerReference reference, PodBackoff backoff, CancellationToken cancellationToken)
    {
        var (job, active) = (view.Job, view.Active.Count);
        var wanted = Wanted(view);
        var surplus = job.IsSuspended ? view.Active : Surplus(view, Math.Max(0, active - wanted)).Take(Burst).ToList();
        if (job.IsSuspended || surplus.Count > 0)
        {
            var failure = await DeleteAsync(view, surplus, release: true, cancellationToken);
            return (active - surplus.Count, null, failure);
        }

        var missing = wanted - active - (job.ReplacesOnlyFailed ? view.Terminating : 0);
        if (missing <= 0)
        {
            return (active, null, null);
        }

        if (job.Spec.BackoffLimitPerIndex is null && backoff.Remaining(view.Now) is var wait && wait > TimeSpan.Zero)
        {
            return (0, wait, null);
        }

        var indexes = new Queue<int?>();
        missing = Math.Min(missing, Burst);
        if (job.IsIndexed)
        {
            var pending = view.PendingIndexes(missing);
            var due = pending.FindAll(index => Remaining(view, index) == TimeSpan.Zero);
            if (due.Count == 0)
            {
                return pending.Count == 0 ? (active, null, null) : (0, pending.Min(index => Remaining(view, index)), null);
            }

            (missing, indexes) = (due.Count, new(due.Select(index => (int?)index)));
        }

        var made = 0;
        var error = await SlowStart.RunAsync(missing, async () =>
        {
            var index = indexes.Count > 0 ? indexes.Dequeue() : null;
            try
            {
                await jobWrites.CreateAsync(job, reference, index, index is { } number ? view.Predecessors.GetValueOrDefault(number) : null, cancellationToken);
                Interlocked.Increment(ref made);
            }
            catch (ApiException ending) when (FailureText.IsOfEndingNamespace(ending))
            {
                // As well: nothing would live long there.
            }
        });
        return (active + made, null, error);
    }

    /// <summary>Deletes pods, and keeps the view's counts.</summary>
    /// <param name="view">Whose pods.</param>
    /// <param name="pods">Active ones.</param>
    /// <param name="release">Whether they count as nothing: their finalizers go first.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Exception?> DeleteAsync(JobView view, IReadOnlyList<Pod> pods, bool release, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        await Task.WhenAll(pods.Select(async pod =>
        {
            try
            {
                if (release && !await jobWrites.ReleaseAsync(pod, cancellationToken))
                {
                    throw new PodDeletionException(new TimeoutException("its finalizer could not be removed"));
                }

                await writes.DeleteAsync(view.Job, pod, cancellationToken);
            }
            catch (PodDeletionException error)
            {
                failure = error;
            }
        }));
        view.Terminating += pods.Count;
        view.Ready -= pods.Count(static pod => pod.IsReady);
        return failure;
    }

    private static int Wanted(JobView view)
    {
        var parallelism = view.Job.Spec.Parallelism ?? 1;
        return view.Job.Spec.Completions is { } completions ? Math.Clamp(completions - view.Succeeded, 0, parallelism)
            : view.Succeeded > 0 ? view.Active.Count
            : parallelism;
    }

    /// <summary>Pods without an index that counts, doubles of an index, and as many more as are too many.</summary>
    private static List<Pod> Surplus(JobView view, int atLeast)
    {
        var (gone, left) = (new List<Pod>(), view.Active);
        if (view.Job.IsIndexed)
        {
            left = [];
            foreach (var group in view.Active.GroupBy(pod => JobPods.IndexOf(pod, view.Job)))
            {
                var ordered = Deployments.PodsToDelete.Choose([.. group], group, group.Count() - 1, view.Now);
                var kept = group.Key is null ? null : group.Count() == 1 ? group.First() : group.First(pod => !ordered.Contains(pod));
                gone.AddRange(group.Where(pod => pod != kept));
                if (kept is not null)
                {
                    left.Add(kept);
                }
            }
        }

        return gone.Count >= atLeast ? gone : [.. gone, .. Deployments.PodsToDelete.Choose(left, left, atLeast - gone.Count, view.Now)];
    }

    private static TimeSpan Remaining(JobView view, int index) =>
        view.Predecessors.GetValueOrDefault(index) is { } last ? PodBackoff.Remaining(JobPods.FailuresBefore(last) + 1, JobPods.FinishedAt(last), view.Now) : TimeSpan.Zero;
}
