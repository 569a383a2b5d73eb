using Capstan;
using Capstan.Applying;
using Databases.Dumps;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Backups;

/// <summary>Writes where a Backup stands, and tells of each run and each turn in events. Nothing is written that is there already.</summary>
[Rbac<Backup>("patch", Subresource = "status")]
internal sealed class BackupStatusReport(KubeClient client, EventRecorder events, TimeProvider time)
{
    private readonly StatusWriter _writer = new(client);

    /// <summary>Writes an outcome.</summary>
    /// <param name="backup">As it was read.</param>
    /// <param name="observed">What was found out.</param>
    /// <param name="outcome">Where it stands now.</param>
    /// <param name="cancellationToken">Of the run.</param>
    public async Task WriteAsync(Backup backup, BackupStatus observed, DumpOutcome outcome, CancellationToken cancellationToken)
    {
        var conditions = new NextConditions(backup, backup.Status?.Conditions, time);
        if (observed.BackupLocation is { } location)
        {
            conditions.Set("BackupReady", true, "BackupCompleted", $"{location} can be restored");
        }
        else
        {
            conditions.Set("BackupReady", false, outcome.Reason, outcome.Message);
        }

        conditions.Set("Progressing", outcome.Phase == DumpOutcome.InProgress, outcome.Reason, outcome.Message);
        var after = backup with { Status = observed with { Phase = outcome.Phase, ObservedGeneration = backup.Metadata.Generation, Conditions = conditions.All } };
        try
        {
            await _writer.WriteAsync(backup, after, cancellationToken: cancellationToken);
        }
        catch (ApiException gone) when (gone.IsNotFound)
        {
            return;
        }

        Tell(backup, observed, outcome);
    }

    private void Tell(Backup before, BackupStatus observed, DumpOutcome outcome)
    {
        var about = ObjectReference.To(before);
        if (observed.LastRun is { } run && run != before.Status?.LastRun)
        {
            Tell(run.Succeeded, run.Succeeded ? "BackupCompleted" : "BackupFailed", run.Message);
        }

        // What became of a run is told with the run.
        var had = Conditions.Find(before.Status?.Conditions, "Progressing");
        if (outcome.Message != observed.LastRun?.Message && (had?.Reason != outcome.Reason || (outcome.Phase == DumpOutcome.Failed && had.Message != outcome.Message)))
        {
            Tell(!outcome.IsWarning, outcome.Reason, outcome.Message);
        }

        void Tell(bool isGood, string reason, string message)
        {
            if (isGood)
            {
                events.Normal(about, reason, "Backup", message);
            }
            else
            {
                events.Warning(about, reason, "Backup", message);
            }
        }
    }
}
