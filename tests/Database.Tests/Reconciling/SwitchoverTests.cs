using Capstan;
using Capstan.Testing;
using Databases.Desired;
using Databases.Resources;
using Npgsql;

namespace Databases.Tests.Reconciling;

/// <summary>Another primary, with servers of this machine and a client that writes all the time.</summary>
[Collection(LiveServers.OfSwitchovers)]
public class SwitchoverTests(LiveServers servers)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_three_servers_another_takes_over_with_every_committed_row_and_the_third_follows_it()
    {
        var database = await LiveDatabase.CreateAsync(servers, "over", replicas: 3);
        await using var client = await WritingClient.StartAsync(database, insists: true);
        await using var watch = new PrimariesWatch(database, "shop-0", "shop-1", "shop-2");
        var third = await database.PodAsync("shop-1");

        await database.SwitchOverAsync("shop-2");

        await database.ReadyAsync(3, "shop-2");
        await client.GoesOnAsync();
        await client.DisposeAsync();
        Assert.Empty(client.Committed.Except(await database.RowsAsync()));
        Assert.Equal(third.Uid, (await database.PodAsync("shop-1")).Uid);
        foreach (var pod in (string[])["shop-0", "shop-1"])
        {
            Assert.Equal(2, await database.AskAsync<int>(pod, "SELECT received_tli FROM pg_stat_wal_receiver"));
        }

        // Made again over its volumes, it finds the one that was the primary's last.
        await watch.DisposeAsync();
        await database.DeleteAsync();
        await database.CreateAsync(replicas: 3);
        await database.ReadyAsync(3, "shop-2");
        Assert.Empty(client.Committed.Except(await database.RowsAsync()));
    }

    [Fact]
    public async Task An_operator_that_dies_before_it_notes_that_writes_were_stopped_is_followed_by_one_that_goes_on()
    {
        var database = await LiveDatabase.CreateAsync(servers, "dies-stopping", replicas: 2);
        await using var client = await WritingClient.StartAsync(database);
        await using var watch = new PrimariesWatch(database, "shop-0", "shop-1");

        // Nobody can change a role, so the operator waits where it is to stop the writes.
        await using var source = await database.SuperuserAsync("shop-0");
        await using var locking = await source.OpenConnectionAsync(Cancelled);
        await RunAsync(locking, "BEGIN; LOCK TABLE pg_authid IN SHARE MODE");
        await database.SwitchOverAsync("shop-1");
        await Eventually.SeeAsync("the operator to wait", _ => database.AskAsync<long>("shop-0", "SELECT count(*) FROM pg_locks WHERE NOT granted"), waiting => waiting > 0, Long, Cancelled);

        await DieBeforeNextNoteAsync(database, () => RunAsync(locking, "COMMIT"), SwitchoverStatus.Stopping);

        await GoesOnAsync(database, client);
    }

    [Fact]
    public async Task An_operator_that_dies_before_it_notes_that_it_promoted_is_followed_by_one_that_goes_on()
    {
        var database = await LiveDatabase.CreateAsync(servers, "dies-demoting", replicas: 2);
        await using var client = await WritingClient.StartAsync(database);
        await using var watch = new PrimariesWatch(database, "shop-0", "shop-1");

        // The former primary's pod cannot go, so the operator waits before it promotes.
        await FinalizeAsync(database, """["example.com/held"]""");
        await database.SwitchOverAsync("shop-1");
        await database.SeenAsync("Demoting", now => now.Status?.Switchover?.State == SwitchoverStatus.Demoting);
        await database.PodAsync("shop-0", now => now.DeletionTimestamp is not null);
        Assert.True(await database.AskAsync<bool>("shop-1", "SELECT pg_is_in_recovery()"));

        await DieBeforeNextNoteAsync(database, () => FinalizeAsync(database, "[]"), SwitchoverStatus.Demoting);

        Assert.False(await database.AskAsync<bool>("shop-1", "SELECT pg_is_in_recovery()"));
        await GoesOnAsync(database, client);
    }

    [Fact]
    public async Task A_target_that_does_not_catch_up_is_given_up_and_one_that_is_far_behind_is_not_begun_with()
    {
        var database = await LiveDatabase.CreateAsync(servers, "lag", replicas: 2);
        await using var client = await WritingClient.StartAsync(database);
        await database.AskAsync<string>("shop-1", "SELECT pg_wal_replay_pause()::text");
        await client.GoesOnAsync();

        await database.SwitchOverAsync("shop-1");

        await database.SeenAsync("refused", now => now.Status?.Switchover is { State: SwitchoverStatus.Refused, EndedAt: not null } refused && refused.Message!.Contains("did not catch up", StringComparison.Ordinal));
        await client.GoesOnAsync();

        await database.RunAsync("CREATE TABLE much AS SELECT repeat(md5(i::text), 30) FROM generate_series(1, 20000) AS i");
        await database.AnnotateAsync("switchover", null);
        await database.SeenAsync("without a request", now => now.Status?.Switchover is { Request: "" });
        await database.SwitchOverAsync("shop-1");
        await database.SeenAsync("refused again", now => now.Status?.Switchover?.Message?.Contains("MiB behind", StringComparison.Ordinal) == true);
        await client.GoesOnAsync();
    }

    [Fact]
    public async Task Fewer_replicas_are_waited_for_until_the_switchover_is_over_and_the_primary_hands_over_before_it_goes()
    {
        var database = await LiveDatabase.CreateAsync(servers, "fewer", replicas: 2);
        await using var client = await WritingClient.StartAsync(database);
        await FinalizeAsync(database, """["example.com/held"]""");
        await database.SwitchOverAsync("shop-1");
        await database.SeenAsync("Demoting", now => now.Status?.Switchover?.State == SwitchoverStatus.Demoting);

        await database.ChangeAsync("""{"replicas": 1}""");
        await FinalizeAsync(database, "[]");

        await database.ReadyAsync(1, "shop-0");
        await Eventually.SeeAsync("no second pod", token => servers.Running.Client.FindAsync(ChildKinds.Pod, new(database.Namespace, "shop-1"), token), pod => pod is null, Long, Cancelled);
        await client.GoesOnAsync();
        await client.DisposeAsync();
        Assert.Empty(client.Committed.Except(await database.RowsAsync()));
    }

    /// <summary>The operator does what it is about to do, cannot note it, and ends with this note as the last; then another starts.</summary>
    private static async Task DieBeforeNextNoteAsync(LiveDatabase database, Func<Task> release, string lastNote)
    {
        var faults = database.Running.Cluster.Faults;
        using (faults.Add(Fault.InternalError().On("patch", "databases.database.example.com/status").In(database.Namespace).From("database-operator")))
        {
            await release();
            await Eventually.SeeAsync("a note that was not taken", _ => Task.FromResult(faults.Injected.Count(one => one.Namespace == database.Namespace)), count => count > 0, Long, Cancelled);
            await database.Running.StopOperatorAsync();
        }

        Assert.Equal(lastNote, (await database.SeenAsync("there", _ => true)).Status!.Switchover!.State);
        await database.Running.StartOperatorAsync(LiveServers.Options);
    }

    private static async Task GoesOnAsync(LiveDatabase database, WritingClient client)
    {
        await database.ReadyAsync(2, "shop-1");
        await client.GoesOnAsync();
        await client.DisposeAsync();
        Assert.Empty(client.Committed.Except(await database.RowsAsync()));
        Assert.True(await database.AskAsync<bool>("shop-0", "SELECT pg_is_in_recovery()"));
    }

    private static Task FinalizeAsync(LiveDatabase database, string finalizers) => database.Running.Client.PatchAsync(
        ChildKinds.Pod, new(database.Namespace, "shop-0"), PatchType.Merge, System.Text.Encoding.UTF8.GetBytes($$$"""{"metadata": {"finalizers": {{{finalizers}}}}}"""), cancellationToken: Cancelled);

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
