using Capstan;
using Capstan.Caching;
using Capstan.Controllers;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Brings the world to what one Database asks for.</summary>
/// <remarks>
/// <para>1. Wait for the Backup that it names. 2. Make or mend its objects. 3. Wait for its pods. 4. Set up what is inside PostgreSQL, and ask it. 5. Ready.</para>
/// <para>Every run goes through all of them, from what is there: nothing is remembered between runs but what the status and the objects say.</para>
/// </remarks>
internal sealed class DatabaseReconciler(
    ObjectCache<Database> databases, Finalizer finalizer, BackupWait backups, Provisioning provisioning, Verification verification, Cleanup cleanup, StatusReport status) : Reconciler
{
    public const string FinalizerName = "database.example.com/finalizer";

    private static readonly TimeSpan RetryFailed = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken) =>
        databases.Get(key) is { } database ? await finalizer.ReconcileAsync(database, ApplyAsync, cleanup.RunAsync, cancellationToken) : ReconcileResult.Done;

    private async Task<ReconcileResult> ApplyAsync(Database database, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = backups.Of(database);
            var observed = database.Status;
            if (outcome is null)
            {
                database = await BegunAsync(database, cancellationToken);
                (outcome, observed) = await RunAsync(database, cancellationToken);
            }

            await status.WriteAsync(database, outcome, observed, cancellationToken);
            return outcome.LookAgainAfter is { } pause ? ReconcileResult.After(pause) : ReconcileResult.Done;
        }
        catch (StepFailedException failure)
        {
            await status.WriteAsync(database, Outcome.Failed(failure.Reason, failure.Message), null, cancellationToken);
            return ReconcileResult.After(RetryFailed);
        }
    }

    /// <summary>People see at once that a new Database was noticed.</summary>
    private async Task<Database> BegunAsync(Database database, CancellationToken cancellationToken) => database.Status?.Phase is null or "" or Phases.Pending
        ? await status.WriteAsync(database, new(Phases.Provisioning, "Provisioning", "its objects are made"), null, cancellationToken)
        : database;

    private async Task<(Outcome Outcome, DatabaseStatus Observed)> RunAsync(Database database, CancellationToken cancellationToken)
    {
        var made = await provisioning.RunAsync(database, cancellationToken);

        // While another pod is made the primary, the status names the former one until it is done.
        var observed = database.Status ?? new();
        observed = observed with { Primary = observed.Primary ?? made.Primary };
        return made.Servers is null
            ? (new(Phases.Provisioning, "ReplacingStatefulSet", made.Replacing!), observed)
            : await verification.RunAsync(database, made, observed, cancellationToken);
    }
}
