using System.Collections.Concurrent;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Controllers;

public sealed class WarmStandbyTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_standby_keeps_the_keys_that_its_informers_tell_and_begins_with_them_when_it_wins()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);
        using CancellationTokenSource stopFirst = new(), stopSecond = new();
        await CreateAsync(cluster, "before");
        var (first, firstEnded, _) = await StartAsync(cluster, "first", stopFirst.Token);
        await Eventually.SeeAsync("the first to lead", _ => Task.FromResult(first.IsLeader), leads => leads, cancellationToken: Patience);
        var (second, secondEnded, seen) = await StartAsync(cluster, "second", stopSecond.Token);
        await CreateAsync(cluster, "after");
        await cluster.Client.DeleteAsync<ConfigMap>(new("default", "before"), null, Patience);
        await CreateAsync(cluster, "last");
        await Eventually.SeeAsync("three keys kept", _ => Task.FromResult(second.QueueDepth), depth => depth == 3, cancellationToken: Patience);
        Assert.False(second.IsLeader);
        Assert.Empty(seen);

        await stopFirst.CancelAsync();
        await firstEnded;
        await Eventually.SeeAsync("all to be reconciled", _ => Task.FromResult(seen.ToArray()), names => names.Length == 3, TimeSpan.FromSeconds(10), Patience);

        Assert.Equal(["after", "before", "last"], seen.Order());
        await stopSecond.CancelAsync();
        await secondEnded;
    }

    private static async Task<(Operator Operator, Task Ended, ConcurrentQueue<string> Seen)> StartAsync(TestCluster cluster, string identity, CancellationToken stop)
    {
        var seen = new ConcurrentQueue<string>();
        var builder = new OperatorBuilder(cluster.NewClient(identity), new()
        {
            LeaderElection = new()
            {
                Enabled = true,
                LeaseName = "standby",
                Identity = identity,
                LeaseDuration = TimeSpan.FromSeconds(3),
                RenewDeadline = TimeSpan.FromSeconds(2),
                RetryPeriod = TimeSpan.FromSeconds(0.2),
            },
        });
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", c =>
        {
            c.For(maps);
            c.Reconcile = (key, _) =>
            {
                seen.Enqueue(key.Name);
                return Task.FromResult(ReconcileResult.Done);
            };
        });
        var @operator = builder.Build();
        var ended = @operator.RunAsync(stop);
        await @operator.WaitForSyncAsync(Patience);
        return (@operator, ended, seen);
    }

    private static Task CreateAsync(TestCluster cluster, string name) =>
        cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = name, Namespace = "default" } }, cancellationToken: Patience);
}
