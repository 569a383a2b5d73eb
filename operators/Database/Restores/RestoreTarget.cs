using Capstan;
using Capstan.Caching;
using Databases.Desired;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Restores;

/// <summary>The Database that gets the rows: a new one like that of the backup, or one that is there already, if that is asked for in so many words.</summary>
[Rbac<Database>("create")]
internal sealed class RestoreTarget(KubeClient client, ObjectCache<Database> databases)
{
    /// <summary>Uid of the Restore that made a Database. It is not the owner: the Database stays when the Restore is deleted.</summary>
    public const string MadeBy = "database.example.com/made-by-restore";

    /// <summary>The Database, made if it is not there; it may not be ready yet.</summary>
    /// <exception cref="StepFailedException">It is somebody else's, or cannot be made.</exception>
    public async Task<Database> EnsureAsync(Restore restore, BackupSource source, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(restore.Key.Namespace, restore.Spec.DatabaseRef.Name);
        var target = databases.Get(key) ?? await MakeAsync(restore, key, source, cancellationToken);
        return restore.Spec.InPlace == true || target.Metadata.Annotations?.GetValueOrDefault(MadeBy) == restore.Metadata.Uid
            ? target
            : throw new StepFailedException("DatabaseExists", $"Database {key.Name} exists: it is overwritten only with spec.inPlace: true; without, name one that does not exist");
    }

    private async Task<Database> MakeAsync(Restore restore, ObjectKey key, BackupSource source, CancellationToken cancellationToken)
    {
        var wanted = new Database
        {
            Metadata = new() { Name = key.Name, Namespace = key.Namespace, Annotations = new() { [MadeBy] = restore.Metadata.Uid! } },
            Spec = source.ToSpec(),
        };
        try
        {
            return await client.CreateAsync(wanted, new() { FieldManager = ChildNames.Manager }, cancellationToken);
        }
        catch (ApiException error) when (error.IsAlreadyExists)
        {
            // The cache lags behind: who made it is told by the object itself.
            return await client.GetAsync<Database>(key, cancellationToken);
        }
        catch (ApiException refusal) when (refusal is { IsTransient: false, IsConflict: false })
        {
            throw new StepFailedException("DatabaseCreationFailed", refusal.Status.Message ?? refusal.Message, refusal);
        }
    }
}
