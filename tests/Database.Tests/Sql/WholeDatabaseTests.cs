using System.Collections.Concurrent;
using System.Text;
using Capstan;
using Capstan.Testing;
using Databases.Desired;
using Databases.Resources;
using Npgsql;

namespace Databases.Tests.Sql;

/// <summary>From a Database to rows: the operator, the API server, the controllers of workloads, and real servers.</summary>
public class WholeDatabaseTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_committed_row_is_lost_by_switchover_restart_of_the_operator_deletion_or_scaling()
    {
        Assert.SkipWhen(LocalPod.SkipReason is not null, LocalPod.SkipReason ?? "");
        await using var running = await OperatorUnderTest.StartAsync(new() { ConnectionsPerSecond = 100 }, runsServers: true);
        await running.Client.CreateAsync(Given.Database(replicas: 2), cancellationToken: Cancelled);
        var ready = await SeenAsync(running, now => now.Status is { Phase: Phases.Ready, ReadyReplicas: 2 });
        Assert.Equal(["shop-1 streaming"], ready.Status!.Standbys!.Select(one => $"{one.Pod} {one.State}"));
        await RunAsync(running, "CREATE TABLE rows (i int)");

        using var stopWriting = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var committed = new ConcurrentQueue<int>();
        var writer = Task.Run(() => WriteAsync(running, committed, stopWriting.Token), Cancelled);
        await Eventually.SeeAsync("rows", _ => Task.FromResult(committed.Count), count => count > 20, cancellationToken: Cancelled);
        await AnnotateAsync(running, "switchover", "shop-1");
        await SeenAsync(running, now => now.Status?.Switchover is not null);
        await running.StopOperatorAsync();
        await running.StartOperatorAsync(new() { ConnectionsPerSecond = 100 });
        await SeenAsync(running, now => now.Status is { Primary: "shop-1", Phase: Phases.Ready, Switchover.State: "Completed" });
        var before = committed.Count;
        await Eventually.SeeAsync("rows after the switchover", _ => Task.FromResult(committed.Count), count => count > before + 20, cancellationToken: Cancelled);
        await stopWriting.CancelAsync();
        await writer;

        Assert.Empty(committed.Except(await RowsAsync(running)));
        Assert.Equal("shop-1", PodOf(await running.FindAsync(ChildKinds.Service, "default", "shop")));

        await running.Client.DeleteAsync<Database>(new("default", "shop"), cancellationToken: Cancelled);
        await Eventually.SeeAsync("no Database", token => running.Client.FindAsync<Database>(new("default", "shop"), token), found => found is null, Long, Cancelled);
        await running.Client.CreateAsync(Given.Database(replicas: 2), cancellationToken: Cancelled);
        await SeenAsync(running, now => now.Status is { Primary: "shop-1", Phase: Phases.Ready, ReadyReplicas: 2 });
        Assert.Empty(committed.Except(await RowsAsync(running)));

        await running.ChangeAsync("default", "shop", """{"replicas": 1}""");
        await SeenAsync(running, now => now.Status is { Primary: "shop-0", Phase: Phases.Ready, ReadyReplicas: 1 });
        Assert.Empty(committed.Except(await RowsAsync(running)));
        await Eventually.SeeAsync("no second pod", token => running.Client.FindAsync(ChildKinds.Pod, new("default", "shop-1"), token), pod => pod is null, cancellationToken: Cancelled);
    }

    [Fact]
    public async Task Defect02_passwords_follow_the_Secret_also_over_a_volume_that_was_kept()
    {
        Assert.SkipWhen(LocalPod.SkipReason is not null, LocalPod.SkipReason ?? "");
        await using var running = await OperatorUnderTest.StartAsync(new() { ConnectionsPerSecond = 100 }, runsServers: true);
        await running.Client.CreateAsync(Given.Database(), cancellationToken: Cancelled);
        await SeenAsync(running, now => now.Status?.Phase == Phases.Ready);
        await RunAsync(running, "CREATE TABLE rows AS SELECT 1 AS i");
        var first = await PasswordAsync(running);

        await AnnotateAsync(running, "rotate-password", "once");
        await Eventually.SeeAsync("the old password to be refused", token => RefusedAsync(running, first, token), refused => refused, Long, Cancelled);
        Assert.Equal([1], await RowsAsync(running));
        var second = await PasswordAsync(running);

        await running.Client.DeleteAsync<Database>(new("default", "shop"), cancellationToken: Cancelled);
        await Eventually.SeeAsync("no Database", token => running.Client.FindAsync<Database>(new("default", "shop"), token), found => found is null, Long, Cancelled);
        await running.Client.CreateAsync(Given.Database(), cancellationToken: Cancelled);
        await SeenAsync(running, now => now.Status?.Phase == Phases.Ready);

        Assert.NotEqual(second, await PasswordAsync(running));
        Assert.Equal([1], await RowsAsync(running));
        Assert.True(await RefusedAsync(running, second, Cancelled));

        // The superuser's new password is taken when the server starts: it is restarted once.
        await running.Client.DeleteAsync(ChildKinds.Secret, new("default", "shop-superuser"), cancellationToken: Cancelled);
        var third = await PasswordAsync(running);
        await AnnotateAsync(running, "rotate-password", "twice");
        await Eventually.SeeAsync("another password", _ => PasswordAsync(running), password => password != third, Long, Cancelled);
        await Eventually.SeeAsync("the rows with it", _ => RowsAsync(running), rows => rows is [1], Long, Cancelled);
        await SeenAsync(running, now => now.Status?.Phase == Phases.Ready);
    }

    private static Task<Database> SeenAsync(OperatorUnderTest running, Func<Database, bool> holds) => Eventually.SeeAsync(
        "the Database to be as it should", token => running.Client.GetAsync<Database>(new("default", "shop"), token), now => now.Status?.ObservedGeneration == now.Metadata.Generation && holds(now), Long, Cancelled);

    private static Task AnnotateAsync(OperatorUnderTest running, string name, string value) => running.Client.PatchAsync<Database>(
        new("default", "shop"), PatchType.Merge, Encoding.UTF8.GetBytes($$$$"""{"metadata": {"annotations": {"database.example.com/{{{{name}}}}": "{{{{value}}}}"}}}"""), cancellationToken: Cancelled);

    private static async Task<string> PasswordAsync(OperatorUnderTest running) => Credentials.Read(await running.FindAsync(ChildKinds.Secret, "default", "shop-credentials"))!.Password;

    private static string? PodOf(DynamicObject service) => (string?)service.ToJson()["spec"]!["selector"]!["statefulset.kubernetes.io/pod-name"];

    /// <summary>A source of connections to the pod that the primary's Service selects.</summary>
    private static async Task<NpgsqlDataSource> ConnectAsync(OperatorUnderTest running, string? password = null)
    {
        var primary = PodOf(await running.FindAsync(ChildKinds.Service, "default", "shop"))!;
        return new NpgsqlSlimDataSourceBuilder(new NpgsqlConnectionStringBuilder
        {
            Host = running.Servers["default", primary].Address, Username = "app", Password = password ?? await PasswordAsync(running), Database = "orders", Pooling = false, SslMode = SslMode.Disable, Timeout = 5,
        }.ConnectionString).Build();
    }

    private static async Task<bool> RefusedAsync(OperatorUnderTest running, string password, CancellationToken cancellationToken)
    {
        await using var source = await ConnectAsync(running, password);
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            return false;
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return true;
        }
    }

    private static async Task RunAsync(OperatorUnderTest running, string sql)
    {
        await using var source = await ConnectAsync(running);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static async Task<List<int>> RowsAsync(OperatorUnderTest running)
    {
        await using var source = await ConnectAsync(running);
        await using var command = source.CreateCommand("SELECT i FROM rows");
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var rows = new List<int>();
        while (await reader.ReadAsync(Cancelled))
        {
            rows.Add(reader.GetInt32(0));
        }

        return rows;
    }

    /// <summary>Writes row after row, and notes those for which it was told that they are committed.</summary>
    private static async Task WriteAsync(OperatorUnderTest running, ConcurrentQueue<int> committed, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested;)
        {
            try
            {
                await using var source = await ConnectAsync(running);
                await using var connection = await source.OpenConnectionAsync(stop);
                while (true)
                {
                    await using var command = new NpgsqlCommand($"INSERT INTO rows VALUES ({++i})", connection);
                    await command.ExecuteNonQueryAsync(stop);
                    committed.Enqueue(i);
                }
            }
            catch (Exception error) when (error is NpgsqlException or OperationCanceledException or IOException or System.Net.Sockets.SocketException)
            {
                // Who knows whether that one was committed: it is not counted.
            }
        }
    }
}
