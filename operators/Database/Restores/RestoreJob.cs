using Databases.Desired;
using Databases.Desired.Pods;
using Databases.Dumps;
using Databases.Resources;

namespace Databases.Restores;

/// <summary>The Job of a Restore.</summary>
internal static class RestoreJob
{
    /// <param name="restore">With the copy in its status.</param>
    /// <param name="target">The Database that gets the rows.</param>
    /// <param name="formerOwner">Role that owned them in the copy.</param>
    public static Child Of(Restore restore, Database target, string formerOwner)
    {
        var labels = DumpNames.Labels(DumpNames.RestoreLabel, restore);
        var (claim, path) = Split(restore.Status!.BackupLocation!);
        var number = restore.Metadata.Uid!.Replace("-", "", StringComparison.Ordinal);
        var spec = DumpJob.Spec(
            target,
            PodScripts.Restore,
            [
                PodEnvironment.Literal("COPY", $"{DumpNames.Mount}/{path}"),
                PodEnvironment.Literal("SHA256", restore.Status.Checksum!),
                PodEnvironment.Literal("TARGET", target.Spec.DatabaseName),
                PodEnvironment.Literal("OWNER", target.Spec.Username),

                // With the same role everything is owned as it was; another role gets it all.
                PodEnvironment.Literal("OWNERS", target.Spec.Username == formerOwner ? "kept" : "one"),
                PodEnvironment.Literal("FRESH", $"restore_{number}"),
                PodEnvironment.Literal("FORMER", $"former_{number}"),
                PodEnvironment.Literal("MARK", $"from {restore.Status.BackupLocation}, by Restore {restore.Metadata.Name} ({restore.Metadata.Uid})"),
            ],
            claim,
            labels);
        return Child.Of(restore, ChildKinds.Job, DumpNames.Job(restore), (System.Text.Json.Nodes.JsonObject)labels.DeepClone(), new() { ["spec"] = spec });
    }

    private static (string Claim, string Path) Split(string location)
    {
        var slash = location.IndexOf('/', StringComparison.Ordinal);
        return (location[..slash], location[(slash + 1)..]);
    }
}
