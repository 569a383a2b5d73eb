using Capstan;
using Capstan.Testing;
using Databases.Resources;

namespace Databases.Tests.Reconciling;

/// <summary>An operator that ends in the middle, wherever that is, is followed by one that goes on: no committed row is lost, and no two servers take writes.</summary>
[Collection(LiveServers.OfSwitchovers)]
public class KilledOperatorTests(LiveServers servers)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(150);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_of_a_row_of_operators_ends_when_it_has_done_something_and_cannot_note_it()
    {
        var database = await LiveDatabase.CreateAsync(servers, "each-note", replicas: 2);
        await using var client = await WritingClient.StartAsync(database, insists: true);
        await using var watch = new PrimariesWatch(database, "shop-0", "shop-1");
        var notes = new List<string>();
        await servers.Running.StopOperatorAsync();
        await database.SwitchOverAsync("shop-1");

        for (var isOver = false; !isOver;)
        {
            // One note is taken, and none that follows.
            using var fault = servers.Running.Cluster.Faults.Add(Fault.InternalError().On("patch", "databases.database.example.com/status").In(database.Namespace).From("database-operator").Skip(1));
            await servers.Running.StartOperatorAsync(LiveServers.Options);
            await Eventually.SeeAsync($"a note that is not taken, after {string.Join(", ", notes)}", _ => database.IsSwitchedOverAsync("shop-1"), over => over || fault.Injected > 0, Long, Cancelled);
            await servers.Running.StopOperatorAsync();
            isOver = fault.Injected == 0;
            var status = (await database.SeenAsync("there", _ => true)).Status!;
            notes.Add($"{status.Phase} {status.Switchover?.State}");
        }

        await servers.Running.StartOperatorAsync(LiveServers.Options);
        await database.KeptAsync(client, "shop-1");
        foreach (var state in (string[])[SwitchoverStatus.Stopping, SwitchoverStatus.Demoting, SwitchoverStatus.Completed])
        {
            Assert.Contains($"{Phases.Verifying} {state}", notes);
        }
    }

    [Fact]
    public async Task A_process_is_killed_in_each_phase_of_a_switchover_a_backup_and_a_restore()
    {
        var database = await LiveDatabase.CreateAsync(servers, "kill9", replicas: 2);
        await using var client = await WritingClient.StartAsync(database, insists: true);
        await using (new PrimariesWatch(database, "shop-0", "shop-1"))
        {
            await servers.Running.StopOperatorAsync();
            await database.SwitchOverAsync("shop-1");
            await KilledInEachAsync<Database>(database.Key, [SwitchoverStatus.Stopping, SwitchoverStatus.Demoting, SwitchoverStatus.Completed], now => now.Status?.Switchover?.State);

            using var last = OperatorProcess.Start(servers.Running.Cluster.KubeconfigPath);
            await database.KeptAsync(client, "shop-1");
        }

        // The same for a copy of the rows, and for putting them back.
        var rows = await database.RowsAsync();
        var backup = await CreateAsync(new Backup { Metadata = new() { Name = "kill9", Namespace = database.Namespace }, Spec = new() { DatabaseRef = new() { Name = "shop" } } });
        await KilledInEachAsync<Backup>(backup, ["InProgress", "Completed"], now => now.Status?.Phase);
        await database.RunAsync("TRUNCATE rows");
        var restore = await CreateAsync(new Restore
        {
            Metadata = new() { Name = "kill9", Namespace = database.Namespace },
            Spec = new() { DatabaseRef = new() { Name = "shop" }, BackupRef = new() { Name = "kill9" }, InPlace = true },
        });
        await KilledInEachAsync<Restore>(restore, ["Pending", "InProgress", "Completed"], now => now.Status?.Phase);

        Assert.Equal(rows, await database.RowsAsync());
        await servers.Running.StartOperatorAsync(LiveServers.Options);
        await database.ReadyAsync(2, "shop-1");
        Assert.Equal(rows, await database.RowsAsync());
    }

    /// <summary>Starts a process for each state, and kills it as soon as an object is said to be that far.</summary>
    private async Task KilledInEachAsync<T>(ObjectKey key, string[] states, Func<T, string?> read)
        where T : KubeObject, IKubeObject<T>
    {
        for (var i = 0; i < states.Length; i++)
        {
            using var running = OperatorProcess.Start(servers.Running.Cluster.KubeconfigPath);
            await Eventually.SeeAsync($"{T.Resource.Kind} {key} to be {states[i]}", token => servers.Running.Client.GetAsync<T>(key, token), now => Array.IndexOf(states, read(now)) >= i, Long, Cancelled);
        }
    }

    private async Task<ObjectKey> CreateAsync<T>(T made)
        where T : KubeObject, IKubeObject<T> => (await servers.Running.Client.CreateAsync(made, cancellationToken: Cancelled)).Key;
}
