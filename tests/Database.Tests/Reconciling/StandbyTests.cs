using Capstan;
using Capstan.Testing;
using Databases.Desired;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>Standbys that could not come along by themselves.</summary>
[Collection(LiveServers.Name)]
public class StandbyTests(LiveServers servers)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(150);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_whose_slot_was_lost_is_cloned_again()
    {
        var database = await LiveDatabase.CreateAsync(servers, "lost", replicas: 2, spec => spec.Storage.Size = "128Mi");
        var standby = await database.PodAsync("shop-1");
        var receiver = await database.AskAsync<int>("shop-1", "SELECT pid FROM pg_stat_wal_receiver");
        await database.RunAsync("CREATE TABLE rows (i int)");

        // It does not take what is written, until that is more than the primary keeps.
        Signal("STOP", receiver);
        for (var segment = 0; segment < 6; segment++)
        {
            await database.RunAsync($"INSERT INTO rows VALUES ({segment})");
            await database.AskAsync<string>("shop-0", "SELECT pg_switch_wal()::text");
        }

        await database.AskAsync<string>("shop-0", "SELECT pg_terminate_backend(pid)::text FROM pg_stat_replication");
        await CheckpointAsync(database);
        Signal("KILL", receiver);

        await database.PodAsync("shop-1", now => now.Uid != standby.Uid);
        await database.ReadyAsync(2, "shop-0");
        await Eventually.SeeAsync("all rows", _ => database.ReadAsync<long>("SELECT count(*) FROM rows", "shop-ro"), count => count == 6, Long, Cancelled);
    }

    [Fact]
    public async Task One_that_has_an_address_of_before_is_restarted()
    {
        var database = await LiveDatabase.CreateAsync(servers, "address", replicas: 2);
        var (standby, address) = (await database.PodAsync("shop-1"), await database.AddressAsync());
        await database.Running.Client.DeleteAsync(ChildKinds.Service, new(database.Namespace, "shop"), cancellationToken: Cancelled);
        await database.FindAsync(ChildKinds.Service, "shop", now => (string?)now.ToJson()["spec"]!["clusterIP"] != address);

        // What goes through the old address goes on until it breaks.
        await database.AskAsync<bool>("shop-1", "SELECT pg_terminate_backend(pid) FROM pg_stat_wal_receiver");
        await database.SeenAsync("without its standby", now => now.Status?.Standbys is [{ DisconnectedSince: not null }]);

        // A minute is a long time for a test: it is said to be over.
        await database.Running.Client.PatchAsync<Database>(
            database.Key, PatchType.Merge, """{"status": {"standbys": [{"pod": "shop-1", "state": "disconnected", "lagMebibytes": 0, "disconnectedSince": "2026-01-01T00:00:00Z"}]}}"""u8.ToArray(), new() { Subresource = "status" }, Cancelled);
        await database.PodAsync("shop-1", now => now.Uid != standby.Uid);

        await database.ReadyAsync(2, "shop-0");
    }

    private static async Task CheckpointAsync(LiveDatabase database)
    {
        await using var source = await database.SuperuserAsync("shop-0");
        await using var command = source.CreateCommand("CHECKPOINT");
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static void Signal(string signal, int process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", process.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
