using System.Security.Cryptography;
using System.Text;
using Capstan;
using Databases.Resources;

namespace Databases.Dumps;

/// <summary>How the objects and files of Backups and Restores are called: each name follows from its owner alone, so that nothing is made twice.</summary>
internal static class DumpNames
{
    /// <summary>Labels of Jobs and their pods: the Backup, or the Restore, that they work for.</summary>
    public const string BackupLabel = "database.example.com/backup";
    public const string RestoreLabel = "database.example.com/restore";
    public const string ClaimLabel = "database.example.com/backups-of";

    /// <summary>Where pods have the volume with the copies.</summary>
    public const string Mount = "/backups";

    /// <summary>A CronJob adds eleven characters for its Jobs, whose names may have 63.</summary>
    private const int Longest = 52;

    public static string Job(Backup backup) => Of(backup.Metadata.Name!, "-backup");

    public static string Job(Restore restore) => Of(restore.Metadata.Name!, "-restore");

    /// <summary>Claim of the copies of a Database, unless a Backup names another.</summary>
    public static string Claim(string database) => $"{database}-backups";

    /// <summary>Directory of a Backup's copies on the volume. Another Backup of its name, or of another namespace on the same volume, has another.</summary>
    public static string Directory(Backup backup) => $"{backup.Metadata.Name}-{backup.Metadata.Uid!.Split('-')[0]}";

    /// <summary>Labels of all that works for a Backup or a Restore.</summary>
    public static System.Text.Json.Nodes.JsonObject Labels(string label, KubeObject owner) => new()
    {
        ["app"] = "database-backup",
        [label] = owner.Metadata.Name,
        [Desired.ChildNames.ManagedBy] = Desired.ChildNames.Manager,
    };

    private static string Of(string name, string suffix)
    {
        if (name.Length + suffix.Length <= Longest)
        {
            return name + suffix;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4));
        return $"{name[..(Longest - suffix.Length - hash.Length - 1)].TrimEnd('-', '.')}-{hash}{suffix}";
    }
}
