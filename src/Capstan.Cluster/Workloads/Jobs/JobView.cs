using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.Jobs;

/// <summary>A Job and its pods at one moment: who is active, who has ended and is not counted yet, which indexes are done.</summary>
/// <remarks>Of one look; the counts change as the look makes and deletes pods.</remarks>
internal sealed class JobView
{
    private readonly HashSet<string> _uncountedSucceeded, _uncountedFailed;

    public JobView(Job job, List<Pod> pods, DateTimeOffset now)
    {
        (Job, Pods, Now) = (job, pods, now);
        Status = job.Status ??= new();
        var uncounted = Status.UncountedTerminatedPods ??= new();
        (_uncountedSucceeded, _uncountedFailed) = ([.. uncounted.Succeeded ?? []], [.. uncounted.Failed ?? []]);
        Active = pods.FindAll(static pod => pod.IsActive);
        Ready = Active.Count(static pod => pod.IsReady);
        Terminating = pods.Count(static pod => pod.Metadata.DeletionTimestamp is not null && !pod.HasEnded);
        NewSucceeded = pods.FindAll(pod => JobPods.HasSucceeded(pod) && MayCount(pod) && !_uncountedSucceeded.Contains(pod.Metadata.Uid!));
        NewFailed = pods.FindAll(pod => JobPods.HasFailed(pod, job) && MayCount(pod) && !_uncountedFailed.Contains(pod.Metadata.Uid!));
        Succeeded = Status.Succeeded + NewSucceeded.Count + _uncountedSucceeded.Count;
        Failed = Status.Failed + NewFailed.Count(pod => FailurePolicies.Judge(job.Spec.PodFailurePolicy, pod).Counts) + _uncountedFailed.Count;
        if (job.IsIndexed)
        {
            ReadIndexes();
        }
    }

    public Job Job { get; }

    public JobStatus Status { get; }

    public List<Pod> Pods { get; }

    public DateTimeOffset Now { get; }

    public List<Pod> Active { get; }

    public List<Pod> NewSucceeded { get; }

    public List<Pod> NewFailed { get; }

    public int Ready { get; set; }

    public int Terminating { get; set; }

    public int Succeeded { get; private set; }

    public int Failed { get; }

    public IndexSet CountedIndexes { get; private set; } = IndexSet.Empty;

    public IndexSet SucceededIndexes { get; set; } = IndexSet.Empty;

    /// <summary>Null without a limit of tries for each index.</summary>
    public IndexSet? FailedIndexes { get; private set; }

    /// <summary>The last failed pod of each index that will be tried again: it stays until its successor has its count of failures.</summary>
    public Dictionary<int, Pod> Predecessors { get; } = [];

    /// <summary>Why the Job ends, once it is known to.</summary>
    public JobCondition? Ending { get; set; }

    public bool IsUncounted(Pod pod) => _uncountedSucceeded.Contains(pod.Metadata.Uid!);

    public bool IsUncountedFailed(Pod pod) => _uncountedFailed.Contains(pod.Metadata.Uid!);

    /// <summary>Indexes for new pods: neither done, nor given up, nor being worked on.</summary>
    public List<int> PendingIndexes(int count)
    {
        var taken = SucceededIndexes.With(IndexesOf(Active));
        if (Job.ReplacesOnlyFailed)
        {
            taken = taken.With(IndexesOf(Pods.Where(static pod => pod.Metadata.DeletionTimestamp is not null && !pod.HasEnded)));
        }

        return (FailedIndexes is null ? taken : taken.With(FailedIndexes)).FirstMissing(count, Job.Spec.Completions ?? 0);
    }

    private bool MayCount(Pod pod) => JobPods.IsTracked(pod) && (!Job.IsIndexed || JobPods.IndexOf(pod, Job) is not null);

    private IEnumerable<int> IndexesOf(IEnumerable<Pod> pods) => pods.Select(pod => JobPods.IndexOf(pod, Job)).OfType<int>();

    private void ReadIndexes()
    {
        var completions = Job.Spec.Completions ?? 0;
        CountedIndexes = IndexSet.Parse(Status.CompletedIndexes, completions);
        SucceededIndexes = CountedIndexes.With(IndexesOf(Pods.Where(static pod => JobPods.HasSucceeded(pod) && JobPods.IsTracked(pod))));
        Succeeded = SucceededIndexes.Count;
        if (Job.Spec.BackoffLimitPerIndex is not { } limit)
        {
            return;
        }

        var failed = Pods.FindAll(pod => JobPods.IsTracked(pod) && JobPods.HasFailed(pod, Job) && JobPods.IndexOf(pod, Job) is not null);
        FailedIndexes = IndexSet.Parse(Status.FailedIndexes, completions).With(IndexesOf(failed.Where(pod => GivesUp(pod, limit))));
        var active = IndexesOf(Active).ToHashSet();
        foreach (var group in failed.GroupBy(pod => JobPods.IndexOf(pod, Job)!.Value))
        {
            if (!SucceededIndexes.Has(group.Key) && !FailedIndexes.Has(group.Key) && !active.Contains(group.Key))
            {
                Predecessors[group.Key] = group.OrderBy(JobPods.FailuresBefore).ThenBy(JobPods.FinishedAt).Last();
            }
        }
    }

    private bool GivesUp(Pod pod, int limit)
    {
        var verdict = FailurePolicies.Judge(Job.Spec.PodFailurePolicy, pod);
        return verdict.Action == "FailIndex" || (verdict.Counts && JobPods.Count(pod, JobPods.FailureCount) >= limit);
    }
}
