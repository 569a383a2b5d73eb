using Capstan;
using Capstan.Applying;
using Databases.Dumps;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Restores;

/// <summary>Writes where a Restore stands, and tells of turns in events. Nothing is written that is there already.</summary>
[Rbac<Restore>("patch", Subresource = "status")]
internal sealed class RestoreStatusReport(KubeClient client, EventRecorder events, TimeProvider time)
{
    private readonly StatusWriter _writer = new(client);

    /// <summary>Writes an outcome.</summary>
    /// <param name="restore">As it was read.</param>
    /// <param name="observed">What was found out.</param>
    /// <param name="outcome">Where it stands now.</param>
    /// <param name="cancellationToken">Of the run.</param>
    /// <returns>The Restore with its new status.</returns>
    public async Task<Restore> WriteAsync(Restore restore, RestoreStatus observed, DumpOutcome outcome, CancellationToken cancellationToken)
    {
        var had = Conditions.Find(restore.Status?.Conditions, "RestoreReady");
        var conditions = new NextConditions(restore, restore.Status?.Conditions, time);
        conditions.Set("RestoreReady", outcome.Phase == DumpOutcome.Completed, outcome.Reason, outcome.Message);
        var after = restore with { Status = observed with { Phase = outcome.Phase, ObservedGeneration = restore.Metadata.Generation, Conditions = conditions.All } };
        try
        {
            await _writer.WriteAsync(restore, after, cancellationToken: cancellationToken);
        }
        catch (ApiException gone) when (gone.IsNotFound)
        {
            return after;
        }

        if (had?.Reason != outcome.Reason && outcome.IsWarning)
        {
            events.Warning(ObjectReference.To(restore), outcome.Reason, "Restore", outcome.Message);
        }
        else if (had?.Reason != outcome.Reason)
        {
            events.Normal(ObjectReference.To(restore), outcome.Reason, "Restore", outcome.Message);
        }

        return after;
    }
}
