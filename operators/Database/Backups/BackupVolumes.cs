using System.Text.Json.Nodes;
using Capstan;
using Capstan.Applying;
using Databases.Desired;
using Databases.Dumps;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Backups;

/// <summary>The volume of a Backup's copies. Nobody owns it: it outlives the Backups and the Database.</summary>
[Rbac("", "persistentvolumeclaims", "get", "create", "patch")]
internal sealed class BackupVolumes(KubeClient client, Applier applier)
{
    /// <summary>Finds it, or makes the Database's own.</summary>
    /// <returns>Name of the claim; null when the Backup names one that is not there.</returns>
    /// <exception cref="StepFailedException">It cannot be made, or its name is taken.</exception>
    public async Task<string?> EnsureAsync(Backup backup, Database database, CancellationToken cancellationToken)
    {
        var name = backup.Spec.StorageLocation is { Length: > 0 } given ? given : DumpNames.Claim(database.Metadata.Name!);
        var live = await client.FindAsync(ChildKinds.VolumeClaim, new(backup.Key.Namespace, name), cancellationToken);
        if (name == backup.Spec.StorageLocation)
        {
            return live is null ? null : name;
        }

        if (live is not null && live.Labels.GetValueOrDefault(DumpNames.ClaimLabel) != database.Metadata.Name)
        {
            throw new StepFailedException(
                "VolumeNameTaken", $"PersistentVolumeClaim {name} exists and is not of the backups of Database {database.Metadata.Name}: name it in storageLocation if it is to be used, or another");
        }

        if (live is null)
        {
            await MakeAsync(name, database, cancellationToken);
        }

        return name;
    }

    private async Task MakeAsync(string name, Database database, CancellationToken cancellationToken)
    {
        var spec = new JsonObject
        {
            ["accessModes"] = new JsonArray("ReadWriteOnce"),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = Capstan.Quantity.Parse(database.Spec.Storage.Size).ToString() } },
        };
        if (!string.IsNullOrEmpty(database.Spec.Storage.StorageClass))
        {
            spec["storageClassName"] = database.Spec.Storage.StorageClass;
        }

        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = database.Metadata.Namespace,
            ["labels"] = new JsonObject { ["app"] = "database-backup", [DumpNames.ClaimLabel] = database.Metadata.Name, [ChildNames.ManagedBy] = ChildNames.Manager },
        };
        try
        {
            await applier.ApplyAsync(ChildKinds.VolumeClaim, new JsonObject { ["metadata"] = metadata, ["spec"] = spec }, cancellationToken);
        }
        catch (ApiException refusal) when (refusal is { IsTransient: false, IsConflict: false })
        {
            throw new StepFailedException("VolumeCreationFailed", refusal.Status.Message ?? refusal.Message, refusal);
        }
    }
}
