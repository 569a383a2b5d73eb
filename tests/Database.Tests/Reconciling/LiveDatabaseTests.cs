using Capstan;
using Capstan.Testing;
using Databases.Desired;
using Npgsql;

namespace Databases.Tests.Reconciling;

/// <summary>From a Database to rows: operator, API server, the controllers of workloads, a node, and servers of this machine.</summary>
[Collection(LiveServers.Name)]
public class LiveDatabaseTests(LiveServers servers)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(150);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Psql_takes_the_uri_of_the_Secret_and_a_rotated_password_replaces_the_old_one()
    {
        var database = await LiveDatabase.CreateAsync(servers, "uri");
        var (uri, first) = (await database.SecretAsync("uri"), await database.SecretAsync("password"));
        Assert.Equal("f", await database.PsqlAsync(uri, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"));

        await database.AnnotateAsync("rotate-password", "once");

        await Eventually.SeeAsync("the old password to be refused", _ => database.IsRefusedAsync(first), refused => refused, Long, Cancelled);
        Assert.Contains("password authentication failed", await database.PsqlAsync(uri, "SELECT 1"), StringComparison.Ordinal);
        Assert.Equal("1", await database.PsqlAsync(await database.SecretAsync("uri"), "SELECT 1"));

        // The superuser's new password is taken when the server starts: it is restarted once.
        var super = await database.SecretAsync("password", "shop-superuser");
        await database.Running.Client.DeleteAsync(ChildKinds.Secret, new(database.Namespace, "shop-superuser"), cancellationToken: Cancelled);
        await database.FindAsync(ChildKinds.Secret, "shop-superuser", now => Credentials.Value(now, "password") != super);
        var third = await database.SecretAsync("password");
        await database.AnnotateAsync("rotate-password", "twice");
        await Eventually.SeeAsync("that password to be refused", _ => database.IsRefusedAsync(third), refused => refused, Long, Cancelled);
        await database.ReadyAsync(1);
        Assert.Equal(1, await database.AskAsync<int>("shop-0", "SELECT 1"));
    }

    [Fact]
    public async Task Each_form_in_which_the_Secret_tells_how_to_connect_connects()
    {
        var database = await LiveDatabase.CreateAsync(servers, "forms");
        var (host, port, name, user) = (await database.SecretAsync("host"), await database.SecretAsync("port"), await database.SecretAsync("dbname"), await database.SecretAsync("username"));
        var parts = $"host={host} port={port} dbname={name} user={user}";
        var file = Path.GetTempFileName();
        try
        {
            // libpq takes no file that others may read: GetTempFileName makes one for this user alone.
            await File.WriteAllTextAsync(file, await database.SecretAsync("pgpass"), Cancelled);
            Assert.Equal("app orders", await WhoAsync(parts, file));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal("app orders", await WhoAsync($"{parts} password={await database.SecretAsync("password")}"));
        Assert.Equal("app orders", await WhoAsync(await database.SecretAsync("uri")));
        var jdbc = await database.SecretAsync("jdbc-uri");
        Assert.StartsWith("jdbc:", jdbc, StringComparison.Ordinal);
        Assert.Equal("app orders", await WhoAsync(jdbc["jdbc:".Length..]));

        Task<string> WhoAsync(string connection, string? passwords = null) => database.PsqlAsync(connection, "SELECT current_user || ' ' || current_database()", passwords);
    }

    [Fact]
    public async Task A_primary_whose_process_is_killed_comes_back_as_the_primary_with_every_row()
    {
        var database = await LiveDatabase.CreateAsync(servers, "killed", replicas: 2);
        await database.RunAsync("CREATE TABLE rows AS SELECT generate_series(1, 1000) AS i");
        var pod = await database.PodAsync("shop-0");

        await database.KillServerAsync("shop-0");

        await database.PodAsync("shop-0", now => (int?)now.ToJson()["status"]?["containerStatuses"]?[0]?["restartCount"] == 1);
        var ready = await database.ReadyAsync(2, "shop-0");
        Assert.Null(ready.Status!.Switchover);
        Assert.Equal(pod.Uid, (await database.PodAsync("shop-0")).Uid);
        Assert.Equal(1000, (await database.RowsAsync()).Count);
        await database.RunAsync("INSERT INTO rows VALUES (1001)");
        await Eventually.SeeAsync("the row at the standby", _ => database.ReadAsync<long>("SELECT count(*) FROM rows", "shop-ro"), count => count == 1001, Long, Cancelled);
    }

    [Fact]
    public async Task Image_and_storage_change_under_the_rows_and_a_Database_that_is_made_again_finds_them()
    {
        var database = await LiveDatabase.CreateAsync(servers, "changes");
        await database.RunAsync("CREATE TABLE rows AS SELECT generate_series(1, 1000) AS i");
        var (pod, password) = (await database.PodAsync("shop-0"), await database.SecretAsync("password"));

        await database.ChangeAsync("""{"storage": {"size": "2Gi"}}""");
        await database.FindAsync(ChildKinds.VolumeClaim, "data-shop-0", claim => (string?)claim.ToJson()["status"]?["capacity"]?["storage"] == "2Gi");
        await database.ReadyAsync(1);
        Assert.Equal(pod.Uid, (await database.PodAsync("shop-0")).Uid);

        await database.ChangeAsync("""{"image": "postgres:14.9"}""");
        await database.PodAsync("shop-0", now => now.Uid != pod.Uid && (string?)now.ToJson()["spec"]!["containers"]![0]!["image"] == "postgres:14.9");
        await database.ReadyAsync(1);
        Assert.Equal(1000, (await database.RowsAsync()).Count);

        await database.DeleteAsync();
        foreach (var type in (ResourceType[])[ChildKinds.StatefulSet, ChildKinds.Service, ChildKinds.Secret, ChildKinds.DisruptionBudget, ChildKinds.Pod])
        {
            await Eventually.SeeAsync($"no {type.Kind}", token => servers.Running.Client.ListAsync(type, new ListOptions { Namespace = database.Namespace }, token), list => list.Items.Count == 0, Long, Cancelled);
        }

        await database.CreateAsync(change: spec => spec.Storage.Size = "2Gi");
        Assert.Equal(1000, (await database.RowsAsync()).Count);
        Assert.NotEqual(password, await database.SecretAsync("password"));
        Assert.True(await database.IsRefusedAsync(password));
    }

    [Fact]
    public async Task Names_that_would_be_more_than_names_elsewhere_are_names()
    {
        var (user, name) = ("O'Neil \"x\"; DROP ROLE postgres; --", "$(touch /tmp/capstan-was-here) `id`; \\'\" & 名");
        var database = await LiveDatabase.CreateAsync(servers, "names", change: spec => (spec.Username, spec.DatabaseName) = (user, name));

        Assert.Equal($"{user}|{name}", await database.PsqlAsync(await database.SecretAsync("uri"), "SELECT current_user, current_database()"));
        Assert.Equal(new HashSet<string> { "postgres", "streaming_replica", user }, [.. await database.AskAsync<string[]>("shop-0", "SELECT array_agg(rolname::text) FROM pg_roles WHERE rolcanlogin")]);
        Assert.False(File.Exists("/tmp/capstan-was-here"));
    }

    [Fact]
    public async Task Defect01_three_replicas_are_one_database_and_whatever_their_number_the_primary_is_left_alone()
    {
        var database = await LiveDatabase.CreateAsync(servers, "scale", replicas: 3);
        await using var client = await WritingClient.StartAsync(database);
        var primary = await database.PodAsync("shop-0");
        await Eventually.SeeAsync("rows at a standby", _ => database.ReadAsync<long>("SELECT count(*) FROM rows", "shop-ro"), count => count > 0, Long, Cancelled);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.ReadAsync<int>("CREATE TABLE t AS SELECT 1", "shop-ro"));
        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, refused.SqlState);

        foreach (var replicas in (int[])[1, 2])
        {
            await database.ChangeAsync($$"""{"replicas": {{replicas}}}""");
            await database.ReadyAsync(replicas, "shop-0");
            await Eventually.SeeAsync(
                "a slot for each standby and no other", _ => database.AskAsync<long>("shop-0", "SELECT count(*) FROM pg_replication_slots"), slots => slots == replicas - 1, Long, Cancelled);
        }

        await client.GoesOnAsync();
        await client.DisposeAsync();
        Assert.Equal(primary.Uid, (await database.PodAsync("shop-0")).Uid);
        Assert.Equal(0, (int?)(await database.PodAsync("shop-0")).ToJson()["status"]!["containerStatuses"]![0]!["restartCount"]);
        Assert.Empty(client.Committed.Except(await database.RowsAsync()));
    }
}
