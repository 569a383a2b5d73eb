using System.Globalization;
using System.Text.Json.Nodes;
using Databases.Desired;
using Databases.Desired.Pods;
using Databases.Dumps;
using Databases.Resources;

namespace Databases.Backups;

/// <summary>What a Backup is made of: a Job, or with a schedule a CronJob, which goes on by itself while the operator is away.</summary>
internal static class BackupJobs
{
    /// <summary>The one copy.</summary>
    public static Child Once(Backup backup, Database database, string claim) => Child.Of(
        backup, ChildKinds.Job, DumpNames.Job(backup), Labels(backup), new() { ["spec"] = Spec(backup, database, claim) });

    /// <summary>A copy at each time of the schedule, never two at once. A time that was missed is made up for once.</summary>
    public static Child Scheduled(Backup backup, Database database, string claim) => Child.Of(backup, ChildKinds.CronJob, DumpNames.Job(backup), Labels(backup), new()
    {
        ["spec"] = new JsonObject
        {
            ["schedule"] = backup.Spec.Schedule,
            ["timeZone"] = "Etc/UTC",
            ["suspend"] = backup.Spec.Suspend == true,
            ["concurrencyPolicy"] = "Forbid",
            ["successfulJobsHistoryLimit"] = 3,
            ["failedJobsHistoryLimit"] = 3,
            ["jobTemplate"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Labels(backup) }, ["spec"] = Spec(backup, database, claim) },
        },
    });

    private static JsonObject Labels(Backup backup) => DumpNames.Labels(DumpNames.BackupLabel, backup);

    private static JsonObject Spec(Backup backup, Database database, string claim) => DumpJob.Spec(
        database,
        PodScripts.BackUp,
        [
            PodEnvironment.Literal("PGDATABASE", database.Spec.DatabaseName),
            PodEnvironment.Literal("DIRECTORY", $"{DumpNames.Mount}/{DumpNames.Directory(backup)}"),
            PodEnvironment.Literal("RETENTION", (backup.Spec.Retention ?? 5).ToString(CultureInfo.InvariantCulture)),
            PodEnvironment.Field("RUN", "metadata.labels['batch.kubernetes.io/controller-uid']"),
        ],
        claim,
        Labels(backup));
}
