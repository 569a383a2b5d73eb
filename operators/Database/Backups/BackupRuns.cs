using System.Globalization;
using Capstan;
using Databases.Desired;
using Databases.Dumps;
using Databases.Reconciling;
using Databases.Resources;

namespace Databases.Backups;

/// <summary>The runs of a Backup: which of its Jobs are under way, and what the one that ended last has left.</summary>
internal sealed class BackupRuns(OwnedObjects owned, DumpPods pods)
{
    /// <summary>The Backup's Jobs: its own, and those of its CronJob, also ones that people make of that.</summary>
    public IReadOnlyList<JobState> Of(Backup backup, DynamicObject? cron) =>
    [
        .. owned.List(ChildKinds.Job, backup.Key.Namespace, $"{DumpNames.BackupLabel}={backup.Metadata.Name}")
            .Where(job => job.OwnerReferences.Any(owner => owner.Controller == true && (owner.Uid == backup.Metadata.Uid || owner.Uid == cron?.Uid)))
            .Select(JobState.Of),
    ];

    /// <summary>Notes the run that ended last, if it is not noted yet.</summary>
    /// <returns>The status with it.</returns>
    public async Task<BackupStatus> NoteAsync(Backup backup, BackupStatus status, IReadOnlyList<JobState> runs, CancellationToken cancellationToken)
    {
        if (runs.Where(run => run.EndedAt is not null).OrderBy(run => run.EndedAt).ThenBy(run => run.Name, StringComparer.Ordinal).LastOrDefault() is not { } newest || IsNoted(newest, status.LastRun))
        {
            return status;
        }

        var run = new BackupRun { Job = newest.Name, EndedAt = newest.EndedAt!.Value };
        if (!newest.HasSucceeded)
        {
            return status with { LastRun = run with { Message = await pods.FailureAsync(backup.Key.Namespace, newest, cancellationToken) } };
        }

        // A Job that says it ended well is not enough: without the copy's checksum nothing was verified.
        return await pods.ReportAsync(backup.Key.Namespace, newest, cancellationToken) is { } report && Copy.Read(report) is { } copy
            ? status with
            {
                BackupTime = run.EndedAt,
                BackupLocation = $"{Claim(backup)}/{DumpNames.Directory(backup)}/{copy.File}",
                SizeBytes = copy.Size,
                Checksum = copy.Checksum,
                BackupCount = copy.Copies,
                LastRun = run with { Succeeded = true, Message = string.Create(CultureInfo.InvariantCulture, $"{copy.File} has {copy.Size} bytes and was read back") },
            }
            : status with { LastRun = run with { Message = $"Job {newest.Name} ended, but there is no word of a copy: its pod is gone, or was none that ran PostgreSQL's programs" } };
    }

    /// <summary>Whether a run is the noted one, or ended before it: times are whole seconds.</summary>
    private static bool IsNoted(JobState run, BackupRun? noted) =>
        run.EndedAt < noted?.EndedAt || (run.EndedAt == noted?.EndedAt && string.CompareOrdinal(run.Name, noted!.Job) <= 0);

    private static string Claim(Backup backup) => backup.Spec.StorageLocation is { Length: > 0 } given ? given : DumpNames.Claim(backup.Spec.DatabaseRef.Name);

    /// <summary>What backup.sh reports.</summary>
    private sealed record Copy(string File, long Size, string Checksum, int Copies)
    {
        public static Copy? Read(IReadOnlyDictionary<string, string> report) =>
            report.TryGetValue("file", out var file) && file.Length is > 0 and < 200 && !file.Contains('/', StringComparison.Ordinal)
            && long.TryParse(report.GetValueOrDefault("size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && report.GetValueOrDefault("sha256") is { Length: 64 } checksum && checksum.All(char.IsAsciiHexDigitLower)
            && int.TryParse(report.GetValueOrDefault("copies"), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var copies)
                ? new(file, size, checksum, copies)
                : null;
    }
}
