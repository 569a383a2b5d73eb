using Capstan;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>Deletes what was made for a Database, in order: servers first, so that nothing writes while the rest goes. Volumes stay.</summary>
/// <remarks>The garbage collector would do it too, once the Database is gone: what is deleted here is gone before it, so that another of its name starts clean.</remarks>
internal sealed class Cleanup(Children children, StatusReport status, DatabaseEvents events)
{
    public async Task<ReconcileResult> RunAsync(Database database, CancellationToken cancellationToken)
    {
        events.Deleting(database);
        try
        {
            if (await children.DeleteAsync(database, ChildKinds.StatefulSet, database.Metadata.Name!, "Foreground", cancellationToken))
            {
                // Its deletion is told by the watch.
                return ReconcileResult.After(TimeSpan.FromSeconds(10));
            }

            foreach (var (type, name) in Others(database))
            {
                await children.DeleteAsync(database, type, name, "Background", cancellationToken);
            }
        }
        catch (ApiException error) when (!error.IsTransient)
        {
            var outcome = new Outcome(database.Status?.Phase ?? Phases.Pending, "CleanupFailed", error.Status.Message ?? error.Message);
            await status.WriteAsync(database, outcome, null, cancellationToken);
            throw;
        }

        events.Deleted(database);
        return ReconcileResult.Done;
    }

    private static IEnumerable<(ResourceType Type, string Name)> Others(Database database) =>
    [
        (ChildKinds.DisruptionBudget, database.Metadata.Name!),
        (ChildKinds.Service, ChildNames.Primary(database)),
        (ChildKinds.Service, ChildNames.ReadOnly(database)),
        (ChildKinds.Service, ChildNames.Headless(database)),
        (ChildKinds.ConfigMap, ChildNames.PrimaryRecord(database)),
        (ChildKinds.Secret, ChildNames.Credentials(database)),
        (ChildKinds.Secret, ChildNames.Superuser(database)),
    ];
}
