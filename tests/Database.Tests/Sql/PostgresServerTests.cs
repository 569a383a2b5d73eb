using Databases.Desired;
using Databases.Sql;
using Npgsql;

namespace Databases.Tests.Sql;

/// <summary>What is done inside PostgreSQL, in servers that the pods' own commands have made.</summary>
public class PostgresServerTests
{
    private const string Superuser = "super'secret";
    private readonly PostgresConnections _connections = new(null);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Defect16_an_application_owns_its_database_and_is_no_superuser_whatever_its_name()
    {
        var (role, name) = ("o'neil \"x\"; DROP ROLE postgres; --", "a\"b'; DROP TABLE x; $(id) `id`");
        await using var pod = LocalPod.Of(Given.Database(), "shop-0", "shop-0");
        await pod.StartAsync(Cancelled);
        for (var twice = 0; twice < 2; twice++)
        {
            await using var server = await SuperuserAsync(pod);
            await server.EnsureApplicationRoleAsync(role, "first", Cancelled);
            await server.EnsureDatabaseAsync(name, role, Cancelled);
        }

        await using var application = Source(pod, role, "first", name);
        Assert.False(await ReadAsync<bool>(application, "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = current_user"));
        Assert.Equal(role, await ReadAsync<string>(application, "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()"));
        await RunAsync(application, "CREATE TABLE t (i int); INSERT INTO t VALUES (1)");
        await Assert.ThrowsAsync<PostgresException>(() => RunAsync(application, "CREATE ROLE other"));
        await using var super = Source(pod, "postgres", Superuser, "postgres");
        Assert.StartsWith("SCRAM-SHA-256$", await ReadAsync<string>(super, "SELECT rolpassword FROM pg_authid WHERE rolname NOT IN ('postgres', 'streaming_replica') AND rolcanlogin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_rotation_the_old_password_is_refused_and_the_new_one_works()
    {
        await using var pod = LocalPod.Of(Given.Database(), "shop-0", "shop-0");
        await pod.StartAsync(Cancelled);
        await using var server = await SuperuserAsync(pod);
        await server.EnsureApplicationRoleAsync("app", "first", Cancelled);
        await server.EnsureDatabaseAsync("orders", "app", Cancelled);

        await server.EnsureApplicationRoleAsync("app", "second", Cancelled);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _connections.ConnectAsync(pod.Address, "app", "first", "orders", Cancelled));
        Assert.True(PostgresConnections.IsWrongPassword(refused));
        await using var open = await _connections.ConnectAsync(pod.Address, "app", "second", "orders", Cancelled);
    }

    [Fact]
    public async Task Defect02_a_volume_that_was_kept_takes_the_superusers_new_password()
    {
        await using var pod = LocalPod.Of(Given.Database(), "shop-0", "shop-0");
        await pod.StartAsync(Cancelled);
        await using (var first = Source(pod, "postgres", Superuser, "postgres"))
        {
            await RunAsync(first, "CREATE TABLE kept AS SELECT 1 AS i");
        }

        await pod.StopAsync();
        pod.Values[DatabaseSecrets.SuperuserKey] = "another";
        await pod.StartAsync(Cancelled);

        await using var second = Source(pod, "postgres", "another", "postgres");
        Assert.Equal(1, await ReadAsync<int>(second, "SELECT i FROM kept"));
        await Assert.ThrowsAsync<PostgresException>(() => SuperuserAsync(pod));
    }

    [Fact]
    public async Task A_primary_that_is_killed_comes_back_with_every_committed_row()
    {
        await using var pod = LocalPod.Of(Given.Database(), "shop-0", "shop-0");
        await pod.StartAsync(Cancelled);
        await using var source = Source(pod, "postgres", Superuser, "postgres");
        await RunAsync(source, "CREATE TABLE rows AS SELECT generate_series(1, 1000) AS i");

        await pod.KillAsync();
        await pod.RunAsync(Cancelled);

        Assert.Equal(1000, await ReadAsync<long>(source, "SELECT count(*) FROM rows"));
    }

    [Fact]
    public async Task Defect01_standbys_stream_from_the_primary_and_take_no_writes()
    {
        await using var primary = LocalPod.Of(Given.Database(replicas: 2), "shop-0", "shop-0");
        await using var standby = LocalPod.Of(Given.Database(replicas: 2), "shop-1", "shop-0", primary.Address);
        await primary.StartAsync(Cancelled);
        await using var server = await ReadyForStandbysAsync(primary, ["shop_1"]);
        await using var source = Source(primary, "postgres", Superuser, "postgres");
        await RunAsync(source, "CREATE TABLE rows AS SELECT generate_series(1, 1000) AS i");

        await standby.StartAsync(Cancelled);
        await StreamsAsync(server, "shop-1");

        await RunAsync(source, "INSERT INTO rows VALUES (1001)");
        await using var copy = Source(standby, "postgres", Superuser, "postgres");
        await Capstan.Testing.Eventually.SeeAsync("the row", _ => ReadAsync<long>(copy, "SELECT count(*) FROM rows"), count => count == 1001, cancellationToken: Cancelled);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(copy, "INSERT INTO rows VALUES (1002)"));
        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, refused.SqlState);
        Assert.Equal(await IdentifierAsync(source), await IdentifierAsync(copy));

        // A slot that is in use stays, and that is told: it is taken once nobody streams by it.
        Assert.True((await server.EnsureSlotsAsync("shop_", [], Cancelled)).HasLeftOver);
        await standby.StopAsync();
        await Capstan.Testing.Eventually.SeeAsync("no slot in use", _ => server.EnsureSlotsAsync("shop_", [], Cancelled), slots => !slots.HasLeftOver, cancellationToken: Cancelled);
        Assert.Equal(0, await ReadAsync<long>(source, "SELECT count(*) FROM pg_replication_slots"));
    }

    [Fact]
    public async Task A_standby_whose_write_ahead_log_is_gone_is_cloned_again_and_a_foreign_volume_is_left_alone()
    {
        await using var primary = LocalPod.Of(Given.Database(replicas: 2), "shop-0", "shop-0");
        await using var standby = LocalPod.Of(Given.Database(replicas: 2), "shop-1", "shop-0", primary.Address);
        await primary.StartAsync(Cancelled);
        await using var server = await ReadyForStandbysAsync(primary, ["shop_1"]);
        await standby.StartAsync(Cancelled);
        await StreamsAsync(server, "shop-1");
        await standby.StopAsync();
        await Capstan.Testing.Eventually.SeeAsync("no slot in use", _ => server.EnsureSlotsAsync("shop_", [], Cancelled), slots => !slots.HasLeftOver, cancellationToken: Cancelled);
        await using var source = Source(primary, "postgres", Superuser, "postgres");
        for (var segment = 0; segment < 4; segment++)
        {
            await RunAsync(source, "CREATE TABLE IF NOT EXISTS rows (i int); INSERT INTO rows SELECT generate_series(1, 1000); SELECT pg_switch_wal()");
            await RunAsync(source, "CHECKPOINT");
        }

        await server.EnsureSlotsAsync("shop_", ["shop_1"], Cancelled);
        await standby.StartAsync(Cancelled);

        await StreamsAsync(server, "shop-1");
        Assert.Contains("is cloned again", standby.Log, StringComparison.Ordinal);

        await using var other = LocalPod.Of(Given.Database(), "shop-0", "shop-0");
        await other.StartAsync(Cancelled);
        await standby.StopAsync();
        standby.ServiceAddress = other.Address;
        await Assert.ThrowsAnyAsync<Exception>(() => standby.PrepareAsync(Cancelled));
        Assert.Contains("nothing is overwritten", standby.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_former_primary_with_rows_of_its_own_is_rewound_and_follows()
    {
        await using var former = LocalPod.Of(Given.Database(replicas: 2), "shop-0", "shop-0");
        await using var target = LocalPod.Of(Given.Database(replicas: 2), "shop-1", "shop-0", former.Address);
        await former.StartAsync(Cancelled);
        await using (var server = await ReadyForStandbysAsync(former, ["shop_1"], keep: 256))
        {
            await target.StartAsync(Cancelled);
            await StreamsAsync(server, "shop-1");
        }

        await using var old = Source(former, "postgres", Superuser, "postgres");

        // Much that a checkpoint after the promotion must write: with little, the trap does not show.
        await RunAsync(old, "CREATE TABLE rows AS SELECT i, repeat('x', 200) AS t FROM generate_series(1, 300000) AS i");
        await using var promoted = await SuperuserAsync(target);
        await using (var server = await SuperuserAsync(former))
        {
            var written = await server.WrittenAsync(Cancelled);
            await Capstan.Testing.Eventually.SeeAsync("the standby to have all", _ => promoted.HasReplayedAsync(written, Cancelled), all => all, cancellationToken: Cancelled);
        }

        Assert.True(await promoted.PromoteAsync(Cancelled));
        await RunAsync(old, "INSERT INTO rows VALUES (-1, 'split')");
        await former.StopAsync();
        await promoted.EnsureSlotsAsync("shop_", ["shop_0"], Cancelled);
        former.Values[PrimaryRecord.Key] = "shop-1";
        former.ServiceAddress = target.Address;
        await former.StartAsync(Cancelled);

        Assert.Contains("pg_rewind: Done!", former.Log, StringComparison.Ordinal);
        await StreamsAsync(promoted, "shop-0");
        await using var now = Source(target, "postgres", Superuser, "postgres");
        await RunAsync(now, "INSERT INTO rows VALUES (300001, 'after')");
        await using var rewound = Source(former, "postgres", Superuser, "postgres");
        await Capstan.Testing.Eventually.SeeAsync("the row after", _ => ReadAsync<int>(rewound, "SELECT max(i) FROM rows"), max => max == 300001, cancellationToken: Cancelled);
        Assert.Equal(1, await ReadAsync<int>(rewound, "SELECT min(i) FROM rows"));
    }

    private static async Task StreamsAsync(PostgresServer primary, string pod) => await Capstan.Testing.Eventually.SeeAsync(
        $"{pod} to stream", primary.StandbysAsync, standbys => standbys.Any(one => one.Pod == pod && one.State == "streaming"), cancellationToken: Cancelled);

    private async Task<PostgresServer> ReadyForStandbysAsync(LocalPod primary, string[] slots, long keep = 0)
    {
        var server = await SuperuserAsync(primary);
        await server.EnsureReplicationRoleAsync(primary.Values[DatabaseSecrets.ReplicationKey], Cancelled);
        await server.EnsureLogKeptAsync(64, keep, Cancelled);
        await server.EnsureSlotsAsync("shop_", slots, Cancelled);
        return server;
    }

    private Task<PostgresServer> SuperuserAsync(LocalPod pod) => _connections.ConnectAsync(pod.Address, Superuser, Cancelled);

    private static NpgsqlDataSource Source(LocalPod pod, string user, string password, string database) => new NpgsqlSlimDataSourceBuilder(
        new NpgsqlConnectionStringBuilder { Host = pod.Address, Username = user, Password = password, Database = database, Pooling = false, SslMode = SslMode.Disable }.ConnectionString).Build();

    private static Task<string> IdentifierAsync(NpgsqlDataSource source) => ReadAsync<string>(source, "SELECT system_identifier::text FROM pg_control_system()");

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static async Task<T> ReadAsync<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
