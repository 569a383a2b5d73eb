using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Capstan.Caching;
using Capstan.Controllers;
using Capstan.Queueing;
using Capstan.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

/// <summary>From changes on a server to keys in the queue of a controller that does not run yet.</summary>
public sealed class ControllerSourceTests : IAsyncLifetime
{
    private readonly ManualTime time = new();
    private readonly MetricsReading metrics = new();
    private readonly CancellationTokenSource stop = new();
    private TestCluster cluster = null!;
    private Informer maps = null!;
    private Task informing = Task.CompletedTask;
    private Controller controller = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);
        maps = new(cluster.Client, ConfigMap.Resource, new() { Namespace = "default" });
    }

    public async ValueTask DisposeAsync()
    {
        controller.Queue.ShutDown();
        await stop.CancelAsync();
        await informing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await cluster.DisposeAsync();
        stop.Dispose();
        metrics.Dispose();
    }

    [Fact]
    public async Task What_was_there_is_less_urgent_than_what_changes()
    {
        await CreateAsync("before");
        await WatchAsync(c => c.For(maps));
        await CreateAsync("after");
        await UntilDepthAsync(2);
        Assert.Equal([("after", Priority.UserChange), ("before", Priority.Resync)], TakeAll());
    }

    [Fact]
    public async Task Owners_run_for_what_they_own_and_the_other_owners_by_option()
    {
        await WatchAsync(c =>
        {
            c.Owns(maps, new("example.com", "v1", "Thing", "things", true));
            c.Owns(maps, new("example.com", "v1", "Other", "others", true), everyOwner: true);
        });
        await CreateAsync("owned", owners: [("Thing", "controller", true), ("Thing", "not-controller", false), ("Other", "other", false)]);
        await UntilDepthAsync(2);
        Assert.Equal([("controller", Priority.Drift), ("other", Priority.Drift)], TakeAll().OrderBy(one => one.Name));
    }

    [Fact]
    public async Task Mappings_have_filters_too()
    {
        await WatchAsync(c => c.Watches(maps, (old, now) => [new("default", $"for-{(now ?? old)!.Key.Name}")], Predicates.And(Predicates.LabelsChanged, Predicates.Not((old, _) => old is null))));
        await CreateAsync("a");
        await CreateAsync("b");
        await PatchAsync("a", """{"data":{"x":"y"}}""");
        await PatchAsync("b", """{"metadata":{"labels":{"x":"y"}}}""");
        await UntilDepthAsync(1);
        Assert.Equal([("for-b", Priority.UserChange)], TakeAll());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_objects_are_reconciled_periodically_behind_everything_else_and_not_all_at_once(bool fingerprintsOnly)
    {
        if (fingerprintsOnly)
        {
            maps = new(cluster.Client, ConfigMap.Resource, new() { Namespace = "default", Fingerprint = one => Fingerprint.Of(one.Json.Span) });
        }

        for (var i = 0; i < 50; i++)
        {
            await CreateAsync($"{i:00}");
        }

        var seen = new ConcurrentQueue<ObjectKey>();
        await WatchAsync(c =>
        {
            c.For(maps);
            c.ReconcilePeriod = TimeSpan.FromDays(100);
            c.Reconcile = (key, _) =>
            {
                seen.Enqueue(key);
                return Task.FromResult(ReconcileResult.Done);
            };
        });
        await UntilDepthAsync(50);
        TakeAll();
        var running = controller.RunAsync(CancellationToken.None);
        await time.WaitForTimerAsync(TimeSpan.FromDays(1), Patience);
        for (var day = 0; day < 99; day++)
        {
            await AdvanceADayAsync();
        }

        Assert.Empty(seen);
        var mostInADay = 0;
        for (var day = 0; day < 22; day++)
        {
            var before = seen.Count;
            await AdvanceADayAsync();
            mostInADay = Math.Max(mostInADay, seen.Count - before);
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i:00}"), seen.Select(key => key.Name).Order());
        Assert.InRange(mostInADay, 1, 25);
        controller.Queue.ShutDown();
        await running;
    }

    private async Task AdvanceADayAsync()
    {
        time.Advance(TimeSpan.FromDays(1));
        await time.WaitForTimerAsync(TimeSpan.FromDays(1), Patience);
        while (controller.Queue is not { Depth: 0, Running: 0 })
        {
            await Task.Yield();
        }
    }

    private async Task WatchAsync(Action<ControllerBuilder> configure)
    {
        var builder = new ControllerBuilder("test") { Reconcile = (_, _) => Task.FromResult(ReconcileResult.Done) };
        configure(builder);
        builder.Validate();
        controller = new(builder, metrics.Meter, time, NullLoggerFactory.Instance, new Random(1));
        foreach (var source in builder.Sources)
        {
            source.Attach(controller.Queue, null, controller.Traces, "test", NullLogger.Instance);
        }

        informing = maps.RunAsync(stop.Token);
        await maps.WaitForSyncAsync(Patience);
    }

    private Task UntilDepthAsync(int depth) =>
        Eventually.SeeAsync($"{depth} keys", _ => Task.FromResult(controller.Queue.Depth), now => now == depth, cancellationToken: Patience);

    private List<(string Name, Priority Priority)> TakeAll()
    {
        var all = new List<(string, Priority)>();
        while (controller.Queue.TryGet(out var item))
        {
            all.Add((item.Key.Name, item.Priority));
            controller.Queue.Done(item.Key);
        }

        return all;
    }

    private Task PatchAsync(string name, string patch) => cluster.Client.PatchAsync<ConfigMap>(new("default", name), PatchType.Merge, System.Text.Encoding.UTF8.GetBytes(patch), null, Patience);

    private Task CreateAsync(string name, params (string Kind, string Name, bool Controller)[] owners) => cluster.Client.CreateAsync(
        ConfigMap.Resource,
        DynamicObject.From(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = "default",
                ["ownerReferences"] = new JsonArray([.. owners.Select(owner => new JsonObject
                {
                    ["apiVersion"] = "example.com/v1",
                    ["kind"] = owner.Kind,
                    ["name"] = owner.Name,
                    ["uid"] = $"uid-{owner.Name}",
                    ["controller"] = owner.Controller,
                })]),
            },
        }),
        cancellationToken: Patience);
}
