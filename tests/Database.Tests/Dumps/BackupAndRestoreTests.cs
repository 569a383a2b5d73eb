using System.Text;
using Capstan;
using Capstan.Applying;
using Databases.Desired;
using Databases.Resources;
using Databases.Tests.Sql;
using Npgsql;

namespace Databases.Tests.Dumps;

/// <summary>Rows that are copied and come back, by the operator, its Jobs and PostgreSQL's own programs.</summary>
public class BackupAndRestoreTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    // 63 bytes, and every character that a shell, SQL or psql could mistake.
    private const string WildName = "o'r\"d;e$(r)s `x` \\ %s :'y' -- {{}} =ö postgresql://h/db 123456";
    private const string WildUser = "ap'p \"us;er$HOME";

    private readonly HashSet<string> _waited = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_come_back_in_place_by_the_flag_alone_and_in_a_new_Database_and_not_those_of_another_namespace()
    {
        Skip();
        Assert.Equal(63, Encoding.UTF8.GetByteCount(WildName));
        var databases = await Task.WhenAll(((string[])["default", "other"]).Select(@namespace => cluster.FilledAsync(Wild("shop", @namespace))));
        var (shop, other) = (databases[0], databases[1]);
        var (rows, otherRows) = (await cluster.RowsAsync(shop), await cluster.RowsAsync(other));
        var backups = await Task.WhenAll((await Task.WhenAll(databases.Select(database => cluster.BackUpAsync("now", database)))).Select(backup => cluster.SeeAsync(backup, "Completed")));
        var backup = backups[0];
        Assert.NotEqual(backup.Status!.Checksum, backups[1].Status!.Checksum);
        var copy = Assert.Single(cluster.CopiesOf(backup));
        Assert.Equal(
            ($"shop-backups/{Path.GetFileName(Path.GetDirectoryName(copy))}/{Path.GetFileName(copy)}", new FileInfo(copy).Length, await ChecksumAsync(copy), 1),
            (backup.Status.BackupLocation, backup.Status.SizeBytes, backup.Status.Checksum, backup.Status.BackupCount));
        Assert.True(Conditions.IsTrue(backup.Status.Conditions, "BackupReady"));

        // What came after the copy goes, what it has comes back; the other namespace's Database of that name is left alone.
        await cluster.SqlAsync(shop, """DROP TABLE "Ta""ble" CASCADE""");
        await cluster.SqlAsync(shop, "CREATE TABLE later (i int)");
        var refused = await cluster.SeeAsync(await cluster.RestoreAsync("refused", backup, "shop"), "Failed");
        Assert.Equal("DatabaseExists", Conditions.Find(refused.Status!.Conditions, "RestoreReady")!.Reason);
        Assert.Equal("1", await cluster.SqlAsync(shop, "SELECT count(*) FROM pg_tables WHERE tablename = 'later'"));
        var inPlace = await cluster.RestoreAsync("in-place", backup, "shop", inPlace: true);
        var copied = await cluster.RestoreAsync("copied", backup, "shop-copy");
        var restored = await cluster.SeeAsync(inPlace, "Completed");
        Assert.Equal((backup.Status.BackupLocation, backup.Status.Checksum, true), (restored.Status!.BackupLocation, restored.Status.Checksum, restored.Status.RestoreTime is not null));
        Assert.Equal(rows, await cluster.RowsAsync(shop));
        Assert.Equal("0", await cluster.SqlAsync(shop, "SELECT count(*) FROM pg_tables WHERE tablename = 'later'"));
        await cluster.SeeAsync(copied, "Completed");
        var made = await cluster.ReadyAsync(new("default", "shop-copy"));
        Assert.Equal(rows, await cluster.RowsAsync(made));
        Assert.NotEqual(otherRows, rows);
        Assert.Equal(otherRows, await cluster.RowsAsync(other));
        Assert.Equal("2", await cluster.SqlAsync(shop, "SELECT count(*) FROM pg_database WHERE NOT datistemplate", asSuperuser: true));

        // It was done once: rows that come later stay, whatever starts again.
        await cluster.SqlAsync(shop, """INSERT INTO "Ta""ble" (text) VALUES ('later')""");
        await cluster.StopOperatorAsync();
        foreach (var job in await cluster.JobsOfAsync(inPlace))
        {
            await cluster.Client.DeleteAsync(ChildKinds.Job, job.Key, new() { PropagationPolicy = "Background" }, Cancelled);
        }

        await cluster.StartOperatorAsync();
        await cluster.SeeAsync(await cluster.BackUpAsync("after", shop), "Completed");
        Assert.Empty(await cluster.JobsOfAsync(inPlace));
        Assert.Equal("1", await cluster.SqlAsync(shop, """SELECT count(*) FROM "Ta""ble" WHERE text = 'later'"""));
        Assert.Contains("database_backup_size_bytes{name=\"now\",namespace=\"default\",database=\"shop\"} " + backup.Status.SizeBytes, await cluster.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_and_restores_go_on_while_the_operator_is_away_and_begin_anew_when_their_pod_or_Job_is_killed()
    {
        Skip();
        var database = await cluster.FilledAsync(Wild("killed", "default"));
        var rows = await cluster.RowsAsync(database);

        // A lock holds the copy in its middle.
        await using var held = await cluster.ConnectAsync(database);
        Backup backup;
        await using (var transaction = await HoldAsync(held, """LOCK TABLE "Ta""ble" IN ACCESS EXCLUSIVE MODE"""))
        {
            backup = await cluster.BackUpAsync("held", database);
            await WaitingAsync(database, "pg_dump", 1);
            await KillPodOfAsync(backup);
            await WaitingAsync(database, "pg_dump", 2);
            var job = Assert.Single(await cluster.JobsOfAsync(backup));
            await cluster.Client.DeleteAsync(ChildKinds.Job, job.Key, new() { PropagationPolicy = "Background" }, Cancelled);
            await Capstan.Testing.Eventually.SeeAsync("another Job", _ => cluster.JobsOfAsync(backup), jobs => jobs.Count == 1 && jobs[0].Uid != job.Uid, cancellationToken: Cancelled);
            await WaitingAsync(database, "pg_dump", 3);
            await cluster.StopOperatorAsync();
            await transaction.RollbackAsync(Cancelled);
        }

        await JobEndsAsync(backup);
        Assert.Equal("InProgress", (await cluster.Client.GetAsync<Backup>(backup.Key, Cancelled)).Status?.Phase);
        await cluster.StartOperatorAsync();
        backup = await cluster.SeeAsync(backup, "Completed");
        Assert.Single(cluster.CopiesOf(backup));

        // Another holds the restore before it makes its database, and again when its pod is killed.
        await cluster.SqlAsync(database, """TRUNCATE "Ta""ble" """);
        await using var heldToo = await cluster.ConnectAsync(database, asSuperuser: true);
        Restore restore;
        await using (var transaction = await HoldAsync(heldToo, "LOCK TABLE pg_database IN SHARE MODE"))
        {
            restore = await cluster.RestoreAsync("held", backup, "killed", inPlace: true);
            await WaitingAsync(database, "restore_%", 1);
            await KillPodOfAsync(restore);
            Assert.Equal("0", await cluster.SqlAsync(database, "SELECT * FROM seen"));
            await WaitingAsync(database, "restore_%", 2);
            await cluster.StopOperatorAsync();
            await transaction.RollbackAsync(Cancelled);
        }

        await JobEndsAsync(restore);
        await cluster.StartOperatorAsync();
        await cluster.SeeAsync(restore, "Completed");
        Assert.Equal(rows, await cluster.RowsAsync(database));
        Assert.Equal("2", await cluster.SqlAsync(database, "SELECT count(*) FROM pg_database WHERE NOT datistemplate", asSuperuser: true));
    }

    private static void Skip() => Assert.SkipWhen(LocalPod.SkipReason is not null, LocalPod.SkipReason ?? "");

    private static Database Wild(string name, string @namespace)
    {
        var database = Given.Database(name, @namespace);
        (database.Spec.DatabaseName, database.Spec.Username) = (WildName, WildUser);
        return database;
    }

    private static async Task<string> ChecksumAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(file, Cancelled));
    }

    private static async Task<NpgsqlTransaction> HoldAsync(NpgsqlDataSource source, string sql)
    {
        var connection = await source.OpenConnectionAsync(Cancelled);
        var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync(Cancelled);
        return transaction;
    }

    /// <summary>Returns when so many sessions of a program have waited for a lock, one after the other: a server does not notice at once that a client was killed.</summary>
    private async Task WaitingAsync(Database database, string program, int sessions)
    {
        await Capstan.Testing.Eventually.SeeAsync(
            $"{program} to wait for a lock, for the {sessions}. time",
            async _ =>
            {
                var pids = await cluster.SqlAsync(
                    database, $"SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name LIKE '{program}' AND wait_event_type = 'Lock'", asSuperuser: true);
                _waited.UnionWith(pids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pid => $"{program} {pid}"));
                return _waited.Count(one => one.StartsWith($"{program} ", StringComparison.Ordinal));
            },
            count => count >= sessions,
            TimeSpan.FromSeconds(120),
            Cancelled);
    }

    private async Task KillPodOfAsync(KubeObject owner)
    {
        var job = Assert.Single(await cluster.JobsOfAsync(owner));
        var pods = await cluster.Client.ListAsync(ChildKinds.Pod, new ListOptions { Namespace = "default", LabelSelector = $"batch.kubernetes.io/controller-uid={job.Uid}" }, Cancelled);
        var pod = Assert.Single(pods.Items);
        await cluster.Client.DeleteAsync(ChildKinds.Pod, pod.Key, new() { GracePeriodSeconds = 0 }, Cancelled);
        await Capstan.Testing.Eventually.SeeAsync(
            "another pod",
            token => cluster.Client.ListAsync(ChildKinds.Pod, new ListOptions { Namespace = "default", LabelSelector = $"batch.kubernetes.io/controller-uid={job.Uid}" }, token),
            now => now.Items.Any(one => one.Uid != pod.Uid), TimeSpan.FromSeconds(120), Cancelled);
    }

    private Task JobEndsAsync(KubeObject owner) => Capstan.Testing.Eventually.SeeAsync(
        "the end of the Job", _ => cluster.JobsOfAsync(owner), jobs => Databases.Dumps.JobState.Of(Assert.Single(jobs)).EndedAt is not null, TimeSpan.FromSeconds(120), Cancelled);
}
