using Capstan;
using Capstan.Applying;
using Capstan.Caching;
using Databases.Desired;
using Databases.Dumps;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Restores;

/// <summary>Puts the rows of a Backup into a Database, once.</summary>
/// <remarks>
/// <para>1. Wait for the Backup. 2. Fix on its newest copy: that is in the status before anything is done, and stays the one. 3. Make the Database, unless it is to be
/// overwritten. 4. Wait until it is ready. 5. Run the Job, and read what it says.</para>
/// <para>The Job marks the database that it has put in place, in the same transaction: run again, it does nothing.</para>
/// </remarks>
internal sealed class RestoreReconciler(
    ObjectCache<Restore> restores, ObjectCache<Backup> backups, RestoreTarget targets, Children children, DumpPods pods, RestoreStatusReport status) : Reconciler
{
    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (restores.Get(key) is not { Metadata.DeletionTimestamp: null, Status: null or { Phase: null or "" or DumpOutcome.Pending or DumpOutcome.InProgress } } restore)
        {
            return ReconcileResult.Done;
        }

        DumpOutcome outcome;
        try
        {
            (restore, outcome) = await RunAsync(restore, cancellationToken);
        }
        catch (StepFailedException failure)
        {
            outcome = new(DumpOutcome.Failed, failure.Reason, failure.Message);
        }

        var observed = restore.Status ?? new();
        await status.WriteAsync(restore, outcome.Phase == DumpOutcome.Completed ? observed with { RestoreTime = outcome.At } : observed, outcome, cancellationToken);
        return outcome.LookAgainAfter is { } pause ? ReconcileResult.After(pause) : ReconcileResult.Done;
    }

    private async Task<(Restore Restore, DumpOutcome Outcome)> RunAsync(Restore restore, CancellationToken cancellationToken)
    {
        // Once there is a Job it alone counts, whatever becomes of the Backup and the Database.
        if (restore.Status?.BackupLocation is not null && await children.FindAsync(restore, ChildKinds.Job, DumpNames.Job(restore), cancellationToken) is { } job)
        {
            return (restore, await AfterAsync(restore, JobState.Of(job), cancellationToken));
        }

        var name = restore.Spec.BackupRef.Name;
        if (backups.Get(new(restore.Key.Namespace, name)) is not { } backup)
        {
            return (restore, DumpOutcome.Waits("BackupNotFound", $"there is no Backup {name}"));
        }

        if (restore.Status?.BackupLocation is null)
        {
            if (backup.Status is not { BackupLocation: { } location, Checksum: { } checksum } || !Conditions.IsTrue(backup.Status.Conditions, "BackupReady"))
            {
                return (restore, DumpOutcome.Waits("BackupNotCompleted", $"Backup {name} has no copy that can be restored: it is {backup.Status?.Phase ?? DumpOutcome.Pending}"));
            }

            restore = await status.WriteAsync(
                restore, (restore.Status ?? new()) with { BackupLocation = location, Checksum = checksum }, new(DumpOutcome.Pending, "BackupFound", $"{location} is restored"), cancellationToken);
        }

        var source = backup.Status?.Source ?? throw new StepFailedException("BackupSourceMissing", $"Backup {name} does not say what its Database was");
        var target = await targets.EnsureAsync(restore, source, cancellationToken);
        if (target is not { Metadata.DeletionTimestamp: null, Status.Ready: true })
        {
            return (restore, DumpOutcome.Waits("DatabaseNotReady", $"Database {target.Metadata.Name} is not ready") with { IsWarning = false });
        }

        job = await children.EnsureAsync(RestoreJob.Of(restore, target, source.Username), null, cancellationToken);
        return (restore, await AfterAsync(restore, JobState.Of(job), cancellationToken));
    }

    private async Task<DumpOutcome> AfterAsync(Restore restore, JobState job, CancellationToken cancellationToken)
    {
        var target = restore.Spec.DatabaseRef.Name;
        if (job.EndedAt is null)
        {
            var trouble = pods.Trouble(restore.Key.Namespace, job);
            return new(DumpOutcome.InProgress, "RestoreInProgress", trouble is null ? $"Job {job.Name} fills Database {target}" : $"Job {job.Name}: {trouble}");
        }

        if (!job.HasSucceeded)
        {
            return new(DumpOutcome.Failed, "RestoreFailed", await pods.FailureAsync(restore.Key.Namespace, job, cancellationToken));
        }

        // A Job that says it ended well is not enough, as with copies.
        if (await pods.ReportAsync(restore.Key.Namespace, job, cancellationToken) is not { } report || report.GetValueOrDefault("sha256") != restore.Status!.Checksum)
        {
            return new(DumpOutcome.Failed, "RestoreFailed", $"Job {job.Name} ended, but there is no word of what it did: its pod is gone, or was none that ran PostgreSQL's programs");
        }

        var note = report.GetValueOrDefault("note") is { Length: > 0 } text ? $"; {text}" : "";
        return new(DumpOutcome.Completed, "RestoreCompleted", $"Database {target} has the rows of {restore.Status.BackupLocation}{note}") { At = job.EndedAt };
    }
}
