using Capstan;
using Capstan.Applying;
using Capstan.Caching;
using Databases.Backups;
using Databases.Reconciling;
using Databases.Resources;
using Databases.Restores;

namespace Databases.Dumps;

/// <summary>Adds the controllers of Backups and Restores to the operator.</summary>
[Rbac<Restore>("list", "watch")]
[Rbac("batch", "jobs, cronjobs", "get", "create", "patch")]
internal static class DumpControllers
{
    private const string OfDatabase = "spec.databaseRef.name";
    private const string OfBackup = "spec.backupRef.name";
    private const int Workers = 2;

    /// <returns>The informer of Restores.</returns>
    public static Informer AddTo(OperatorBuilder builder, Informer databases, Informer backups, OwnedObjects owned, Children children, Applier applier, InformerOptions caching, TimeProvider time)
    {
        var restores = builder.AddInformer<Restore>(caching);
        backups.AddIndex<Backup>(OfDatabase, static backup => [backup.Spec.DatabaseRef.Name]);
        restores.AddIndex<Restore>(OfDatabase, static restore => [restore.Spec.DatabaseRef.Name]);
        restores.AddIndex<Restore>(OfBackup, static restore => [restore.Spec.BackupRef.Name]);
        BackupGauges.AddTo(builder.Meter, backups.CacheOf<Backup>());

        var (client, pods) = (builder.Client, new DumpPods(builder.Client, owned));
        builder.AddController("backup", controller =>
        {
            controller.For(backups, Predicates.GenerationChanged);
            controller.Watches(databases, (old, now) => Keys<Backup>(backups, OfDatabase, (now ?? old)!.Key));
            owned.AttachDumps(controller, DumpNames.BackupLabel);
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new BackupReconciler(
                client, backups.CacheOf<Backup>(), databases.CacheOf<Database>(), children, new BackupVolumes(client, applier), new BackupRuns(owned, pods), pods,
                new BackupStatusReport(client, builder.Events, time));
        });
        builder.AddController("restore", controller =>
        {
            controller.For(restores, Predicates.GenerationChanged);
            controller.Watches(databases, (old, now) => Keys<Restore>(restores, OfDatabase, (now ?? old)!.Key));
            controller.Watches(backups, (old, now) => Keys<Restore>(restores, OfBackup, (now ?? old)!.Key));
            owned.AttachDumps(controller, DumpNames.RestoreLabel);
            controller.MaxConcurrentReconciles = Workers;
            controller.Reconciler = new RestoreReconciler(
                restores.CacheOf<Restore>(), backups.CacheOf<Backup>(), new RestoreTarget(client, databases.CacheOf<Database>()), children, pods,
                new RestoreStatusReport(client, builder.Events, time));
        });
        return restores;
    }

    /// <summary>Those of one namespace that name an object.</summary>
    private static IEnumerable<ObjectKey> Keys<T>(Informer informer, string index, ObjectKey named)
        where T : KubeObject, IKubeObject<T> =>
        informer.CacheOf<T>().ByIndex(index, named.Name).Where(one => one.Metadata.Namespace == named.Namespace).Select(one => one.Key);
}
