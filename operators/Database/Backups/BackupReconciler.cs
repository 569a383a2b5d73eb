using System.Text;
using Capstan;
using Capstan.Caching;
using Databases.Desired;
using Databases.Dumps;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Backups;

/// <summary>Brings one Backup to what it asks for: one copy, or one at each time of its schedule.</summary>
/// <remarks>
/// <para>1. Note the run that ended last. 2. A Backup without a schedule is done then. 3. See that Database and volume are there. 4. Make or mend the Job or the CronJob.</para>
/// <para>The work itself is the Job's, and so goes on without the operator; what the Job has left is read when there is an operator again.</para>
/// </remarks>
internal sealed class BackupReconciler(
    KubeClient client, ObjectCache<Backup> backups, ObjectCache<Database> databases, Children children, BackupVolumes volumes, BackupRuns runs, DumpPods pods, BackupStatusReport status) : Reconciler
{
    private static readonly TimeSpan RetryFailed = TimeSpan.FromMinutes(1);
    private static readonly byte[] Suspended = Encoding.UTF8.GetBytes("""{"spec": {"suspend": true}}""");

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (backups.Get(key) is not { Metadata.DeletionTimestamp: null } backup)
        {
            // Its Jobs are collected as what it owns; its copies stay on their volume.
            return ReconcileResult.Done;
        }

        var observed = backup.Status ?? new();
        DumpOutcome outcome;
        try
        {
            (observed, outcome) = await RunAsync(backup, observed, cancellationToken);
        }
        catch (StepFailedException failure)
        {
            outcome = new(DumpOutcome.Failed, failure.Reason, failure.Message) { LookAgainAfter = RetryFailed };
        }

        await status.WriteAsync(backup, observed, outcome, cancellationToken);
        return outcome.LookAgainAfter is { } pause ? ReconcileResult.After(pause) : ReconcileResult.Done;
    }

    private async Task<(BackupStatus Observed, DumpOutcome Outcome)> RunAsync(Backup backup, BackupStatus observed, CancellationToken cancellationToken)
    {
        var isScheduled = backup.Spec.Schedule is { Length: > 0 };
        if (!isScheduled && observed.LastRun is not null)
        {
            return (observed, After(observed.LastRun));
        }

        var cron = isScheduled ? await children.FindAsync(backup, ChildKinds.CronJob, DumpNames.Job(backup), cancellationToken) : null;
        var jobs = runs.Of(backup, cron);
        observed = await runs.NoteAsync(backup, observed, jobs, cancellationToken);
        if (!isScheduled && observed.LastRun is not null)
        {
            return (observed, After(observed.LastRun));
        }

        if (databases.Get(new(backup.Key.Namespace, backup.Spec.DatabaseRef.Name)) is not { Metadata.DeletionTimestamp: null } database)
        {
            await SuspendAsync(cron, cancellationToken);
            return (observed, DumpOutcome.Waits("DatabaseNotFound", $"there is no Database {backup.Spec.DatabaseRef.Name}"));
        }

        if (observed.Source is null || observed.LastRun != backup.Status?.LastRun)
        {
            observed = observed with { Source = BackupSource.Of(database.Spec) };
        }

        if (!isScheduled && database.Status?.Ready != true && jobs.Count == 0)
        {
            return (observed, DumpOutcome.Waits("DatabaseNotReady", $"Database {database.Metadata.Name} is not ready") with { IsWarning = false });
        }

        if (await volumes.EnsureAsync(backup, database, cancellationToken) is not { } claim)
        {
            return (observed, DumpOutcome.Waits("VolumeNotFound", $"there is no PersistentVolumeClaim {backup.Spec.StorageLocation}"));
        }

        if (!isScheduled)
        {
            var job = await children.FindAsync(backup, ChildKinds.Job, DumpNames.Job(backup), cancellationToken)
                ?? await children.EnsureAsync(BackupJobs.Once(backup, database, claim), null, cancellationToken);
            return (observed, Runs(backup, JobState.Of(job)));
        }

        cron = await children.EnsureAsync(BackupJobs.Scheduled(backup, database, claim), cron, cancellationToken);
        if (KubeTime.TryParse((string?)cron.ToJson()["status"]?["lastScheduleTime"], out var served))
        {
            observed = observed with { LastScheduledTime = served };
        }

        return (observed, jobs.FirstOrDefault(job => job.EndedAt is null) is { } running ? Runs(backup, running)
            : observed.LastRun is { } last ? After(last)
            : backup.Spec.Suspend == true ? new(DumpOutcome.Pending, "Suspended", "the schedule is suspended, and there is no copy yet")
            : new(DumpOutcome.Pending, "Scheduled", $"the first copy is made by the schedule {backup.Spec.Schedule} (UTC)"));
    }

    /// <summary>Without its Database each run of a schedule would hang and fail.</summary>
    private async Task SuspendAsync(DynamicObject? cron, CancellationToken cancellationToken)
    {
        if (cron is not null && (bool?)cron.ToJson()["spec"]?["suspend"] != true)
        {
            await client.PatchAsync(ChildKinds.CronJob, cron.Key, PatchType.Merge, Suspended, new() { FieldManager = ChildNames.Manager }, cancellationToken);
        }
    }

    private DumpOutcome Runs(Backup backup, JobState job) =>
        new(DumpOutcome.InProgress, "BackupInProgress", pods.Trouble(backup.Key.Namespace, job) is { } trouble ? $"Job {job.Name}: {trouble}" : $"Job {job.Name} makes a copy");

    private static DumpOutcome After(BackupRun run) => run.Succeeded
        ? new(DumpOutcome.Completed, "BackupCompleted", run.Message)
        : new(DumpOutcome.Failed, "BackupFailed", run.Message);
}
