using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>Whether a Job ends, by success or failure, before its number of completions is reached. Pure.</summary>
internal static class JobVerdict
{
    /// <summary>The condition <c>FailureTarget</c>, <c>Failed</c> or <c>SuccessCriteriaMet</c> by which it ends; null while it goes on.</summary>
    public static JobCondition? Ending(JobView view)
    {
        var (job, spec) = (view.Job, view.Job.Spec);
        if (job.Condition(JobConditions.SuccessCriteriaMet) is { Status: "True" } met)
        {
            return met;
        }

        if (job.Condition(JobConditions.FailureTarget) is { Status: "True" } known)
        {
            // It was told before: what is left is to end.
            return JobConditions.New("Failed", known.Reason ?? "", known.Message ?? "", view.Now);
        }

        if (spec.PodFailurePolicy is not null
            && view.Pods.Where(pod => JobPods.HasFailed(pod, job)).Select(pod => FailurePolicies.Judge(spec.PodFailurePolicy, pod).Message).FirstOrDefault(message => message is not null) is { } why)
        {
            return Failure("PodFailurePolicy", why);
        }

        if (view.Failed > (spec.BackoffLimit ?? 6) || RestartedTooOften(view))
        {
            return Failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        if (Deadline(job) is { } deadline && deadline <= view.Now)
        {
            return Failure("DeadlineExceeded", "Job was active longer than specified deadline");
        }

        if (view.FailedIndexes is { Count: > 0 } failed)
        {
            if (spec.MaxFailedIndexes is { } most && failed.Count > most)
            {
                return Failure("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
            }

            if (failed.Count + view.SucceededIndexes.Count >= spec.Completions)
            {
                return Failure("FailedIndexes", "Job has failed indexes");
            }
        }

        return job.IsIndexed && MetRule(view) is { } rule
            ? JobConditions.New(JobConditions.SuccessCriteriaMet, "SuccessPolicy", $"Matched rules at index {rule}", view.Now)
            : null;

        JobCondition Failure(string reason, string message) => JobConditions.New(JobConditions.FailureTarget, reason, message, view.Now);
    }

    /// <summary>When it has lasted too long; null while it has no such limit, or has not begun.</summary>
    public static DateTimeOffset? Deadline(Job job) =>
        job.Spec.ActiveDeadlineSeconds is { } seconds && job.Status?.StartTime is { } start && !job.IsSuspended ? start.AddSeconds(seconds) : null;

    /// <summary>With restarts in place the tries are the restarts of pods that still run.</summary>
    private static bool RestartedTooOften(JobView view)
    {
        if (view.Job.Spec.Template.Spec.RestartPolicy != "OnFailure")
        {
            return false;
        }

        var restarts = view.Pods.Where(static pod => pod.Status?.Phase is "Running" or "Pending")
            .Sum(static pod => (pod.Status!.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? []).Sum(static status => status.RestartCount));
        var limit = view.Job.Spec.BackoffLimit ?? 6;
        return limit == 0 ? restarts > 0 : restarts >= limit;
    }

    private static int? MetRule(JobView view)
    {
        var rules = view.SucceededIndexes.Count == 0 ? [] : view.Job.Spec.SuccessPolicy?.Rules ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].SucceededIndexes is { } text)
            {
                var wanted = IndexSet.Parse(text, view.Job.Spec.Completions ?? 0);
                var done = wanted.CountIn(view.SucceededIndexes);
                if (wanted.Count > 0 && (done == wanted.Count || done >= rules[i].SucceededCount))
                {
                    return i;
                }
            }
            else if (view.SucceededIndexes.Count >= rules[i].SucceededCount)
            {
                return i;
            }
        }

        return null;
    }
}
