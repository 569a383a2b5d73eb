using System.Diagnostics.Metrics;
using Capstan.Caching;
using Databases.Dumps;
using Databases.Resources;

namespace Databases.Backups;

/// <summary>What is worth an alarm about Backups, read from the cache when it is asked for: what is gone has no series.</summary>
internal static class BackupGauges
{
    /// <summary>Adds them.</summary>
    public static void AddTo(Meter meter, ObjectCache<Backup> backups)
    {
        Add("database_backup_last_completed_timestamp_seconds", status => status.BackupTime?.ToUnixTimeSeconds(), "Time of the newest copy that was read back, of each Backup that has one");
        Add("database_backup_size_bytes", status => status.SizeBytes, "Size of the newest copy");
        Add("database_backup_copies", status => status.BackupCount, "Copies that are kept");
        Add("database_backup_failed", status => status.Phase == DumpOutcome.Failed ? 1 : 0, "One where the newest run of a Backup failed");

        void Add(string name, Func<BackupStatus, long?> value, string description) => meter.CreateObservableGauge(
            name,
            () => backups.List().Where(backup => backup.Status is not null && value(backup.Status) is not null).Select(backup => Of(value(backup.Status!)!.Value, backup)),
            description: description);
    }

    private static Measurement<long> Of(long value, Backup backup) => new(
        value,
        KeyValuePair.Create("name", (object?)backup.Metadata.Name),
        KeyValuePair.Create("namespace", (object?)backup.Metadata.Namespace),
        KeyValuePair.Create("database", (object?)backup.Spec.DatabaseRef.Name));
}
