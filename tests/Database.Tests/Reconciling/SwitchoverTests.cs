using Capstan;
using Capstan.Testing;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>Another primary, with servers of this machine and a client that writes all the time.</summary>
[Collection(LiveServers.OfSwitchovers)]
public class SwitchoverTests(LiveServers servers)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(150);

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
        await database.ReadyAsync(2, "shop-0");
        await database.SwitchOverAsync("shop-1");

        // Nothing was begun: whoever looks at the Database, or waits for it, sees no difference.
        var refused = await database.SeenAsync("refused again", now => now.Status?.Switchover?.Message?.Contains("MiB behind", StringComparison.Ordinal) == true);
        Assert.Equal(Phases.Ready, refused.Status!.Phase);
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

    private static Task FinalizeAsync(LiveDatabase database, string finalizers) => database.Running.Client.PatchAsync(
        ChildKinds.Pod, new(database.Namespace, "shop-0"), PatchType.Merge, System.Text.Encoding.UTF8.GetBytes($$$"""{"metadata": {"finalizers": {{{finalizers}}}}}"""), cancellationToken: Cancelled);
}
