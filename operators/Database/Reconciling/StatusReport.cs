using Capstan;
using Capstan.Applying;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Writes where a Database stands, and tells of turns in events. Nothing is written that is there already.</summary>
[Rbac<Database>("patch", Subresource = "status")]
internal sealed class StatusReport(KubeClient client, DatabaseEvents events, TimeProvider time)
{
    private readonly StatusWriter _writer = new(client);

    /// <summary>Writes an outcome.</summary>
    /// <param name="database">As it was read.</param>
    /// <param name="outcome">Where it stands now.</param>
    /// <param name="observed">What else was found out; null keeps what the status says.</param>
    /// <param name="cancellationToken">Of the run.</param>
    /// <returns>The Database with its new status.</returns>
    public async Task<Database> WriteAsync(Database database, Outcome outcome, DatabaseStatus? observed, CancellationToken cancellationToken)
    {
        var after = database with { Status = With(database, observed ?? database.Status ?? new(), outcome, time) };
        try
        {
            // A step of a switchover is acted on once it is noted: not from a status that has been left behind.
            await _writer.WriteAsync(database, after, onlyThisVersion: after.Status.Switchover != database.Status?.Switchover, cancellationToken);
        }
        catch (ApiException gone) when (gone.IsNotFound)
        {
            return after;
        }

        events.Tell(database, outcome);
        return after;
    }

    /// <summary>The status after an outcome.</summary>
    internal static DatabaseStatus With(Database database, DatabaseStatus before, Outcome outcome, TimeProvider time)
    {
        var isReady = outcome.Phase == Phases.Ready;
        var conditions = new NextConditions(database, before.Conditions, time);
        conditions.Set("Ready", isReady, outcome.Reason, outcome.Message);
        if (outcome.Refusal is { } refusal)
        {
            conditions.Set("Progressing", false, refusal.Reason, refusal.Message);
        }
        else
        {
            conditions.Set("Progressing", outcome.IsProgressing, isReady ? "ReconciliationComplete" : outcome.Reason, outcome.Message);
        }

        return before with
        {
            Phase = outcome.Phase,
            Ready = isReady ? true : null,
            Endpoint = isReady ? ChildNames.Endpoint(database) : before.Endpoint,
            SecretName = ChildNames.Credentials(database),
            Image = isReady && outcome.Refusal is null ? database.Spec.Image : before.Image,
            ReadyReplicas = outcome.ReadyReplicas ?? before.ReadyReplicas,
            ObservedGeneration = database.Metadata.Generation,
            Conditions = conditions.All,
        };
    }
}
