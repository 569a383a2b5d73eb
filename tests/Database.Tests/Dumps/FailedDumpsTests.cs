using System.Diagnostics;
using System.Globalization;
using Capstan.Applying;
using Databases.Resources;
using Databases.Tests.Sql;

namespace Databases.Tests.Dumps;

/// <summary>Copies and restores that fail: each says why, and what was there before stays.</summary>
public class FailedDumpsTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_failure_says_why_and_leaves_what_was_there_while_schedules_go_on()
    {
        Assert.SkipWhen(LocalPod.SkipReason is not null, LocalPod.SkipReason ?? "");
        var databases = await Task.WhenAll(((string[])["closed", "open"]).Select(name => cluster.FilledAsync(Given.Database(name))));
        var (closed, open) = (databases[0], databases[1]);
        var minutely = await cluster.BackUpAsync("minutely", open, spec => spec.Schedule = "* * * * *");
        await cluster.SqlAsync(open, "CREATE ROLE reader", asSuperuser: true);
        await cluster.SqlAsync(open, "GRANT SELECT ON seen TO reader");
        var good = await cluster.SeeAsync(await cluster.BackUpAsync("good", open), "Completed");
        var rows = await cluster.RowsAsync(open);

        await Task.WhenAll(
            WrongPasswordAsync(closed),
            RestoreThatFailsAsync(open, good, rows),
            FullVolumeAsync(open, good),
            RetentionAsync(open, good));
        await ChangedCopyAsync(open, good, rows);

        var served = await cluster.SeeAsync<Backup>(minutely.Key, "to be made by its schedule", now => now.Status is { LastScheduledTime: not null, LastRun: not null });
        Assert.True(served.Status!.LastRun!.Succeeded, served.Status.LastRun.Message);
    }

    private async Task WrongPasswordAsync(Database database)
    {
        await cluster.SqlAsync(database, "ALTER ROLE postgres PASSWORD 'another'", asSuperuser: true);
        var failed = await cluster.SeeAsync(await cluster.BackUpAsync("closed", database), "Failed");
        Assert.Contains("password authentication failed", failed.Status!.LastRun!.Message, StringComparison.Ordinal);
        Assert.False(Conditions.IsTrue(failed.Status.Conditions, "BackupReady"));
        Assert.Empty(cluster.CopiesOf(failed));
    }

    /// <summary>A role that the copy speaks of is not there any more: found when most of it is restored.</summary>
    private async Task RestoreThatFailsAsync(Database database, Backup backup, string rows)
    {
        await cluster.SqlAsync(database, "REVOKE SELECT ON seen FROM reader");
        await cluster.SqlAsync(database, "DROP ROLE reader", asSuperuser: true);
        var failed = await cluster.SeeAsync(await cluster.RestoreAsync("roleless", backup, "open", inPlace: true), "Failed");
        Assert.Contains("role \"reader\" does not exist", Conditions.Find(failed.Status!.Conditions, "RestoreReady")!.Message, StringComparison.Ordinal);
        Assert.Equal(rows, await cluster.RowsAsync(database));
        Assert.Equal("2", await cluster.SqlAsync(database, "SELECT count(*) FROM pg_database WHERE NOT datistemplate", asSuperuser: true));
    }

    /// <summary>There is room for one copy: the second fails, the first stays.</summary>
    private async Task FullVolumeAsync(Database database, Backup good)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        var directory = Directory.CreateTempSubdirectory("capstan-full-").FullName;
        await ExecuteAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={good.Status!.SizeBytes * 7 / 4},mode=777"), "tmpfs", directory);
        try
        {
            await cluster.Cluster.InstallAsync(
                $$"""
                {apiVersion: v1, kind: PersistentVolume, metadata: {name: tiny}, spec: {capacity: {storage: 1Mi}, accessModes: [ReadWriteOnce], storageClassName: tiny, hostPath: {path: {{directory}} } } }
                ---
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: tiny, namespace: default}, spec: {accessModes: [ReadWriteOnce], storageClassName: tiny, resources: {requests: {storage: 1Mi} } } }
                """,
                Cancelled);
            var backup = await cluster.BackUpAsync("full", database, spec => (spec.Schedule, spec.StorageLocation) = ("0 0 1 1 *", "tiny"));
            var first = await cluster.RunNowAsync(backup, "full-1");
            Assert.True(first.Status!.LastRun!.Succeeded, first.Status.LastRun.Message);
            var second = await cluster.RunNowAsync(backup, "full-2");
            Assert.Equal("Failed", second.Status!.Phase);
            Assert.Contains("No space left on device", second.Status.LastRun!.Message, StringComparison.Ordinal);
            Assert.Equal((first.Status.BackupLocation, true), (second.Status.BackupLocation, Conditions.IsTrue(second.Status.Conditions, "BackupReady")));
            Assert.Equal([Path.GetFileName(first.Status.BackupLocation!)], Directory.EnumerateFiles(directory, "*.dump*", SearchOption.AllDirectories).Select(Path.GetFileName).Where(name => !name!.EndsWith(".sha256", StringComparison.Ordinal)));
        }
        finally
        {
            await ExecuteAsync("umount", "-l", directory);
            Directory.Delete(directory);
        }
    }

    private async Task RetentionAsync(Database database, Backup other)
    {
        var backup = await cluster.BackUpAsync("kept", database, spec => (spec.Schedule, spec.Retention) = ("0 0 1 1 *", 2));
        foreach (var run in (string[])["kept-1", "kept-2", "kept-3"])
        {
            backup = await cluster.RunNowAsync(backup, run);
            Assert.True(backup.Status!.LastRun!.Succeeded, backup.Status.LastRun.Message);
        }

        var copies = cluster.CopiesOf(backup);
        Assert.Equal((2, 2), (copies.Count, backup.Status!.BackupCount));
        Assert.Equal(Path.GetFileName(copies[^1]), Path.GetFileName(backup.Status.BackupLocation));
        Assert.Equal(2, Directory.EnumerateFiles(Path.GetDirectoryName(copies[0])!, "*.sha256").Count());
        Assert.Single(cluster.CopiesOf(other));
    }

    private async Task ChangedCopyAsync(Database database, Backup backup, string rows)
    {
        var copy = Assert.Single(cluster.CopiesOf(backup));
        var bytes = await File.ReadAllBytesAsync(copy, Cancelled);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(copy, bytes, Cancelled);
        var changed = await cluster.SeeAsync(await cluster.RestoreAsync("changed", backup, "open", inPlace: true), "Failed");
        Assert.Contains("its checksum is another", Conditions.Find(changed.Status!.Conditions, "RestoreReady")!.Message, StringComparison.Ordinal);
        File.Delete(copy);
        var gone = await cluster.SeeAsync(await cluster.RestoreAsync("gone", backup, "open", inPlace: true), "Failed");
        Assert.Contains("is not on the volume", Conditions.Find(gone.Status!.Conditions, "RestoreReady")!.Message, StringComparison.Ordinal);
        Assert.Equal(rows, await cluster.RowsAsync(database));
    }

    private static async Task ExecuteAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Cancelled);
        Assert.Equal(0, process.ExitCode);
    }
}
