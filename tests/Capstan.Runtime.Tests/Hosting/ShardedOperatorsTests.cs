using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Capstan.Caching;
using Capstan.Election;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

/// <summary>Several operators that share the keys of many objects.</summary>
public sealed class ShardedOperatorsTests : IAsyncLifetime
{
    private const int Count = 500;
    private readonly List<Replica> replicas = [];
    private readonly ConcurrentDictionary<ObjectKey, string> running = new();
    private readonly ConcurrentDictionary<ObjectKey, (int Round, string By)> seen = new();
    private readonly ConcurrentQueue<string> violations = new();
    private readonly long began = TimeProvider.System.GetTimestamp();
    private TestCluster cluster = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);

    public async ValueTask DisposeAsync()
    {
        cluster.Faults.Clear();
        foreach (var replica in replicas)
        {
            await replica.Stop.CancelAsync();
            await Task.WhenAny(replica.Ended);
            replica.Stop.Dispose();
        }

        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Each_object_has_one_worker_while_replicas_stop_and_die_and_come()
    {
        await InParallelAsync(name => cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = name, Namespace = "default" }, Data = new() { ["round"] = "1" } }, cancellationToken: Patience));
        var (a, b, c) = (Start("a"), Start("b"), Start("c"));
        await SharedByAsync(a, b, c);
        await ReconciledAsync(1);
        Say("three share the keys");
        Assert.All([a, b, c], replica => Assert.InRange(replica.Maps.Count, 0.7 * Count / 3, 1.3 * Count / 3));
        var before = HeldBy(a, b, c);

        // One stops: what was its own is the others', and nothing else moves.
        await a.Stop.CancelAsync();
        await a.Ended.WaitAsync(TimeSpan.FromSeconds(20), Patience);
        await SharedByAsync(b, c);
        await RoundAsync(2);
        Say("one has stopped");
        var after = HeldBy(b, c);
        Assert.All(before.Where(entry => entry.Value != a), entry => Assert.Equal(entry.Value, after[entry.Key]));

        // One is cut off, which is worse than being killed: it goes on, and does not know.
        cluster.Faults.Add(Fault.InternalError().From("replica-b"));
        cluster.Faults.DropWatches();
        await SharedByAsync(c);
        Say("one is cut off and its lease has expired");
        await RoundAsync(3);
        Assert.All(seen.Values, one => Assert.Equal("c", one.By));

        // One comes, and takes its share.
        var d = Start("d");
        await SharedByAsync(c, d);
        await RoundAsync(4);
        Say("one has come");
        Assert.All(HeldBy(c, d), entry => Assert.Equal(entry.Value.Name, seen[entry.Key].By));
        Assert.InRange(d.Maps.Count, 0.75 * Count / 2, 1.25 * Count / 2);

        // The one that was cut off is back.
        cluster.Faults.Clear();
        await SharedByAsync(b, c, d);
        Say("the one that was cut off is back");
        await RoundAsync(5);
        Assert.Equal(Enumerable.Empty<string>(), violations);
        Assert.All([b, c, d], replica => Assert.False(replica.Ended.IsCompleted));
    }

    [Fact]
    public async Task A_stopped_replica_leaves_no_lease_and_a_last_one_nothing()
    {
        var a = Start("a", leaseSeconds: 3);
        await a.Operator.WaitForSyncAsync(Patience);
        await LeasesAsync(1);
        var b = Start("b", leaseSeconds: 3);
        await LeasesAsync(2);
        await a.Stop.CancelAsync();
        await a.Ended.WaitAsync(TimeSpan.FromSeconds(20), Patience);
        await LeasesAsync(1);
        await b.Stop.CancelAsync();
        await b.Ended.WaitAsync(TimeSpan.FromSeconds(20), Patience);
        await LeasesAsync(0);
    }

    [Fact]
    public void Sharding_and_election_exclude_each_other()
    {
        var options = Options();
        options.LeaderElection = new() { Enabled = true, LeaseName = "test" };
        Assert.Contains("exclude each other", Assert.Throws<ArgumentException>(() => new OperatorBuilder(cluster.Client, options).Build()).Message, StringComparison.Ordinal);
        options = Options();
        options.Sharding.RenewDeadline = options.Sharding.LeaseDuration;
        Assert.Contains("must exceed the renew deadline", Assert.Throws<ArgumentException>(() => new OperatorBuilder(cluster.Client, options).Build()).Message, StringComparison.Ordinal);
        options = Options();
        options.Sharding.Group = "Not a label";
        Assert.Contains("not 'Not a label'", Assert.Throws<ArgumentException>(() => new OperatorBuilder(cluster.Client, options).Build()).Message, StringComparison.Ordinal);
    }

    private static OperatorOptions Options(int leaseSeconds = 6) => new()
    {
        Name = "test",
        Sharding = new()
        {
            Enabled = true,
            Group = "maps",
            LeaseDuration = TimeSpan.FromSeconds(leaseSeconds),
            RenewDeadline = TimeSpan.FromSeconds(leaseSeconds * 2 / 3.0),
            RetryPeriod = TimeSpan.FromSeconds(0.5),
        },
        ExitProcess = _ => { },
    };

    private Replica Start(string name, int leaseSeconds = 6)
    {
        var client = cluster.NewClient($"replica-{name}");
        var builder = new OperatorBuilder(client, Options(leaseSeconds));
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", controller =>
        {
            controller.For(maps);
            controller.MaxConcurrentReconciles = 8;
            controller.Reconcile = (key, token) => ReconcileAsync(name, client, maps, key, token);
        });
        var stop = new CancellationTokenSource();
        var @operator = builder.Build();
        var replica = new Replica(name, @operator, maps, stop, @operator.RunAsync(stop.Token));
        replicas.Add(replica);
        return replica;
    }

    private async Task<ReconcileResult> ReconcileAsync(string by, KubeClient client, Informer maps, ObjectKey key, CancellationToken cancellationToken)
    {
        if (!running.TryAdd(key, by))
        {
            violations.Enqueue($"{key} is with {by} and {running.GetValueOrDefault(key)}");
        }

        try
        {
            if (maps.CacheOf<ConfigMap>().Get(key) is not { } map)
            {
                violations.Enqueue($"{by} works on {key} and does not hold it");
                return ReconcileResult.Done;
            }

            var round = int.Parse(map.Data!["round"], CultureInfo.InvariantCulture);
            var patch = Encoding.UTF8.GetBytes($$$"""{"data":{"by":"{{{by}}}","done":"{{{round}}}"}}""");
            await client.PatchAsync<ConfigMap>(key, PatchType.Merge, patch, null, cancellationToken);
            seen[key] = (round, by);
            return ReconcileResult.Done;
        }
        finally
        {
            running.TryRemove(key, out _);
        }
    }

    private async Task RoundAsync(int round)
    {
        await InParallelAsync(name => cluster.Client.PatchAsync<ConfigMap>(new("default", name), PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"data":{"round":"{{{round}}}"}}"""), null, Patience));
        await ReconciledAsync(round);
    }

    private Task ReconciledAsync(int round) => Eventually.SeeAsync(
        $"all to be reconciled in round {round}", _ => Task.FromResult(seen.Values.Count(one => one.Round == round)), count => count == Count, TimeSpan.FromSeconds(60), Patience);

    /// <summary>Each object is in one cache of these, and all are idle.</summary>
    private Task SharedByAsync(params Replica[] all) => Eventually.SeeAsync(
        $"{string.Join(" and ", all.Select(one => one.Name))} to share the objects",
        _ => Task.FromResult(string.Join(", ", all.Select(one => $"{one.Name} {one.Maps.Count} {one.Operator.IsIdle}"))),
        _ => all.All(one => one.Maps.Count > 0 && one.Operator.IsIdle) && all.SelectMany(one => one.Maps.Cache.Keys).Order().SequenceEqual(Names.Select(name => new ObjectKey("default", name)).Order()),
        TimeSpan.FromSeconds(60),
        Patience);

    private static Dictionary<ObjectKey, Replica> HeldBy(params Replica[] all) => all.SelectMany(one => one.Maps.Cache.Keys, (one, key) => (one, key)).ToDictionary(held => held.key, held => held.one);

    private async Task LeasesAsync(int count) => await Eventually.SeeAsync(
        $"{count} leases", token => cluster.Client.ListAsync<Lease>(new() { Namespace = "default" }, token), list => list.Items.Count == count, TimeSpan.FromSeconds(40), Patience);

    private static IEnumerable<string> Names => Enumerable.Range(0, Count).Select(i => $"map-{i}");

    private void Say(string what) => TestContext.Current.TestOutputHelper!.WriteLine($"{TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s: {what}");

    private static Task InParallelAsync(Func<string, Task> act) =>
        Parallel.ForEachAsync(Names, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Patience }, async (name, _) => await act(name));

    private sealed record Replica(string Name, Operator Operator, Informer Maps, CancellationTokenSource Stop, Task Ended);
}
