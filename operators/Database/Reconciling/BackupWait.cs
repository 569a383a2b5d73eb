using Capstan.Applying;
using Capstan.Caching;
using Databases.Resources;

namespace Databases.Reconciling;

/// <summary>A Database with a <c>backupRef</c> is not made before that Backup is ready.</summary>
internal sealed class BackupWait(ObjectCache<Backup> backups)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Why a Database that has not been made yet waits; null when it does not.</summary>
    /// <exception cref="StepFailedException">It would wait for ever.</exception>
    public Outcome? Of(Database database)
    {
        if (database.Spec.BackupRef is not { } reference || database.Status?.Phase is not (null or "" or Phases.Pending or Phases.Failed))
        {
            return null;
        }

        var backup = backups.Get(new(database.Key.Namespace, reference.Name));
        if (backup?.Spec.DatabaseRef.Name == database.Metadata.Name)
        {
            throw new StepFailedException("BackupOfItself", $"Backup {reference.Name} is of this Database, which would wait for it for ever: name a Backup of another one");
        }

        return Conditions.IsTrue(backup?.Status?.Conditions, "BackupReady")
            ? null
            : new(Phases.Pending, "WaitingForBackup", $"Backup {reference.Name} is not ready") { IsProgressing = false, LookAgainAfter = Pause };
    }
}
