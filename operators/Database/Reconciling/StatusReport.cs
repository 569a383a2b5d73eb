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
            await _writer.WriteAsync(database, after, cancellationToken: cancellationToken);
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
        var conditions = before.Conditions?.ToList() ?? [];
        Set("Ready", isReady, outcome.Reason, outcome.Message);
        if (outcome.Refusal is { } refusal)
        {
            Set("Progressing", false, refusal.Reason, refusal.Message);
        }
        else
        {
            Set("Progressing", outcome.IsProgressing, isReady ? "ReconciliationComplete" : outcome.Reason, outcome.Message);
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
            Conditions = conditions,
        };

        void Set(string type, bool status, string reason, string message) => Conditions.Set(
            conditions,
            new() { Type = type, Status = status ? "True" : "False", Reason = reason, Message = message, ObservedGeneration = database.Metadata.Generation },
            time);
    }
}
