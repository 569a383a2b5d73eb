using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Caching;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

/// <summary>Owners that have a dependent each, a setting that concerns all of them, and batches, in operators that share the keys.</summary>
public sealed class ShardedOwnersTests : IAsyncLifetime
{
    private const int Count = 120;
    private static readonly ResourceType Secrets = new("", "v1", "Secret", "secrets", Namespaced: true);
    private static readonly ResourceType Accounts = new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true);

    private readonly List<Replica> replicas = [];
    private readonly ConcurrentDictionary<ObjectKey, string> running = new();
    private readonly ConcurrentDictionary<ObjectKey, (string Round, string By)> seen = new();
    private readonly ConcurrentQueue<string> violations = new();
    private readonly ConcurrentQueue<IReadOnlyList<ObjectKey>> batches = new();
    private TestCluster cluster = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in replicas)
        {
            await replica.Stop.CancelAsync();
            await Task.WhenAny(replica.Ended);
            replica.Stop.Dispose();
        }

        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_dependent_is_held_by_the_replica_of_its_owner_and_a_setting_by_all()
    {
        await cluster.Client.CreateAsync(Accounts, Account("1"), null, Patience);
        await Parallel.ForEachAsync(Names, Patience, async (name, token) => await cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = name, Namespace = "default" } }, null, token));
        var (a, b) = (Start("a"), Start("b"));
        await ReconciledAsync("1");
        await DependentsAsync(_ => true);
        await HeldAsync(a, b);

        // What goes comes back, by the replica that has its owner.
        await SeparatelyAsync(before => DeleteAllAsync(before));
        await HeldAsync(a, b);

        // A setting is held by both, and each sees to its own keys.
        await cluster.Client.PatchAsync(Accounts, new("default", "settings"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"metadata":{"annotations":{"round":"2"}}}"""), null, Patience);
        await ReconciledAsync("2");
        Assert.All(a.Maps.Cache.Keys, key => Assert.Equal("a", seen[key].By));
        Assert.All(b.Maps.Cache.Keys, key => Assert.Equal("b", seen[key].By));

        // Who takes over has the dependents too before it starts: it would make those anew that it does not see.
        await a.Stop.CancelAsync();
        await a.Ended.WaitAsync(TimeSpan.FromSeconds(30), Patience);
        await HeldAsync(b);
        await SeparatelyAsync(before => DeleteAllAsync(before));
        await HeldAsync(b);
        Assert.Empty(violations);
        Assert.All(batches, batch => Assert.Single(batch.Select(GroupOf).Distinct()));
        Assert.Contains(batches, batch => batch.Count > 1);
    }

    private static IEnumerable<string> Names => Enumerable.Range(0, Count).Select(i => $"owner-{i:000}");

    private static IEnumerable<ObjectKey> AllKeys => Names.Select(name => new ObjectKey("default", name));

    private static string GroupOf(ObjectKey key) => key.Name[^1..];

    private static DynamicObject Account(string round) => DynamicObject.From(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "settings", ["namespace"] = "default", ["annotations"] = new JsonObject { ["round"] = round } },
    });

    private Replica Start(string name)
    {
        var client = cluster.NewClient($"replica-{name}");
        var builder = new OperatorBuilder(client, new()
        {
            Name = "test",
            Sharding = new() { Enabled = true, Group = "owners", LeaseDuration = TimeSpan.FromSeconds(6), RenewDeadline = TimeSpan.FromSeconds(4), RetryPeriod = TimeSpan.FromSeconds(0.5) },
            ExitProcess = _ => { },
        });
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        var secrets = builder.AddInformer(Secrets, new() { Namespace = "default" });
        var accounts = builder.AddInformer(Accounts, new() { Namespace = "default" });
        builder.AddController("owners", controller =>
        {
            controller.For(maps);
            controller.Owns(secrets, ConfigMap.Resource);
            controller.Watches(accounts, (_, _) => maps.Cache.Keys);
            controller.MaxConcurrentReconciles = 4;
            controller.BatchReconciler = new Batches(new(name, client, maps, secrets, accounts), this);
        });
        var stop = new CancellationTokenSource();
        var @operator = builder.Build();
        var replica = new Replica(maps, secrets, stop, @operator.RunAsync(stop.Token));
        replicas.Add(replica);
        return replica;
    }

    private async Task ReconcileAsync(Parts parts, ObjectKey key, CancellationToken cancellationToken)
    {
        if (!running.TryAdd(key, parts.Name))
        {
            violations.Enqueue($"{key} is with {parts.Name} and {running.GetValueOrDefault(key)}");
        }

        try
        {
            var owner = parts.Maps.CacheOf<ConfigMap>().Get(key);
            var round = parts.Accounts.Cache.Get(new("default", "settings"))?.Annotations["round"];
            if (owner is null || round is null)
            {
                violations.Enqueue($"{parts.Name} works on {key} and does not hold {(owner is null ? "it" : "the setting")}");
                return;
            }

            if (parts.Secrets.Cache.Get(key) is null)
            {
                var secret = new JsonObject { ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace } };
                Owners.SetController(owner, Secrets, secret);
                await parts.Client.CreateAsync(Secrets, DynamicObject.From(secret), null, cancellationToken);
            }

            seen[key] = (round, parts.Name);
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            violations.Enqueue($"{parts.Name} does not see the dependent of {key}");
        }
        finally
        {
            running.TryRemove(key, out _);
        }
    }

    private Task ReconciledAsync(string round) =>
        Eventually.SeeAsync($"all to be reconciled in round {round}", _ => Task.FromResult(seen.Values.Count(one => one.Round == round)), count => count == Count, TimeSpan.FromSeconds(60), Patience);

    private Task<IReadOnlyList<DynamicObject>> DependentsAsync(Func<DynamicObject, bool> holds) => Eventually.SeeAsync(
        "every owner to have its dependent", async token => (await cluster.Client.ListAsync(Secrets, new() { Namespace = "default" }, token)).Items,
        all => all.Count == Count && all.All(holds), TimeSpan.FromSeconds(60), Patience);

    private async Task SeparatelyAsync(Func<IReadOnlyList<DynamicObject>, Task> act)
    {
        var before = await DependentsAsync(_ => true);
        await act(before);
        var former = before.Select(one => one.Uid).ToHashSet();
        await DependentsAsync(one => !former.Contains(one.Uid));
    }

    private Task DeleteAllAsync(IReadOnlyList<DynamicObject> all) =>
        Parallel.ForEachAsync(all, Patience, async (one, token) => await cluster.Client.DeleteAsync(Secrets, one.Key, null, token));

    /// <summary>Each owner is in one of these caches, and its dependent in the same replica's.</summary>
    private static Task HeldAsync(params Replica[] all) => Eventually.SeeAsync(
        "owners and dependents to be held by one replica each",
        _ => Task.FromResult(string.Join(", ", all.Select(one => $"{one.Maps.Count} and {one.Secrets.Count}"))),
        _ => all.SelectMany(one => one.Maps.Cache.Keys).Order().SequenceEqual(AllKeys) && all.All(one => one.Maps.Count > 0 && one.Maps.Cache.Keys.SequenceEqual(one.Secrets.Cache.Keys)),
        TimeSpan.FromSeconds(60),
        Patience);

    private sealed record Parts(string Name, KubeClient Client, Informer Maps, Informer Secrets, Informer Accounts);

    private sealed record Replica(Informer Maps, Informer Secrets, CancellationTokenSource Stop, Task Ended);

    private sealed class Batches(Parts parts, ShardedOwnersTests test) : BatchReconciler
    {
        public override int MaxBatchSize => 10;

        public override string GroupOf(ObjectKey key) => ShardedOwnersTests.GroupOf(key);

        public override async Task ReconcileAsync(ReconcileBatch batch, CancellationToken cancellationToken)
        {
            test.batches.Enqueue([.. batch.Keys]);
            foreach (var key in batch.Keys)
            {
                await test.ReconcileAsync(parts, key, cancellationToken);
                batch.Settle(key, ReconcileResult.Done);
            }
        }
    }
}
