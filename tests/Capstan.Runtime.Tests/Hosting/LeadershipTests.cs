using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Capstan.Election;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

/// <summary>What a leader does when it is to stop being one, and what the next sees of it.</summary>
public sealed class LeadershipTests : IAsyncLifetime
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> exits = new();
    private TestCluster cluster = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);
        await cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "one", Namespace = "default" } }, cancellationToken: Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await cluster.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public async Task Trap27_the_lease_is_released_only_after_the_drain_and_the_next_has_it_at_once()
    {
        // Tries of the follower are a minute apart: what it does sooner, the watch has told it.
        var (entered, leave) = (NewSignal(), NewSignal());
        using var stopFirst = new CancellationTokenSource();
        var first = Run("first", Long(), stopFirst.Token, async _ =>
        {
            entered.TrySetResult();
            await leave.Task;
            return ReconcileResult.Done;
        });
        await entered.Task.WaitAsync(Patience);
        var worked = NewSignal();
        var second = Run("second", Long(), stop.Token, _ =>
        {
            worked.TrySetResult();
            return Task.FromResult(ReconcileResult.Done);
        });
        await second.Operator.WaitForSyncAsync(Patience);
        await stopFirst.CancelAsync();
        await Eventually.SeeAsync("the queue to be closed", _ => Task.FromResult(first.Operator.QueueDepth), depth => depth == 0, cancellationToken: Patience);
        Assert.Equal("first", await HolderAsync());
        Assert.False(worked.Task.IsCompleted);

        leave.SetResult();
        await first.Ended.WaitAsync(TimeSpan.FromSeconds(20), Patience);
        await worked.Task.WaitAsync(TimeSpan.FromSeconds(20), Patience);
        Assert.Equal("second", await HolderAsync());
    }

    [Fact]
    public async Task Trap27_a_run_that_outlasts_the_lease_ends_the_process()
    {
        var (entered, never) = (NewSignal(), NewSignal());
        var zombie = Run("zombie", Short(), stop.Token, async _ =>
        {
            entered.TrySetResult();
            await never.Task;
            return ReconcileResult.Done;
        });
        await entered.Task.WaitAsync(Patience);
        await TakeLeaseAsync("somebody-else");
        await Assert.ThrowsAsync<OperatorException>(() => zombie.Ended.WaitAsync(TimeSpan.FromSeconds(30), Patience));
        Assert.Equal(["runs did not end before another replica may start on their keys"], exits);
        Assert.Equal("somebody-else", await HolderAsync());
        never.SetResult();
    }

    [Fact]
    public async Task Trap27_every_run_is_cancelled_by_the_renew_deadline_and_nothing_is_written_after()
    {
        var entered = NewSignal();
        var cancelled = NewSignal();
        Exception? refusal = null;
        KubeClient? client = null;
        var cut = Run("cut-off", Short(), stop.Token, async token =>
        {
            entered.TrySetResult();
            await using var registration = token.Register(cancelled.SetResult);
            await cancelled.Task;
            refusal = await Record.ExceptionAsync(() => client!.CreateAsync(new ConfigMap { Metadata = new() { Name = "late", Namespace = "default" } }, cancellationToken: Patience));
            return ReconcileResult.Done;
        });
        client = cut.Client;
        await entered.Task.WaitAsync(Patience);
        cluster.Faults.Add(Fault.InternalError().On("write", "leases.coordination.k8s.io"));
        var error = await Assert.ThrowsAsync<OperatorException>(() => cut.Ended.WaitAsync(TimeSpan.FromSeconds(30), Patience));
        Assert.Contains("could not be renewed for 2 s", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(refusal);
        Assert.Empty(exits);
        Assert.Null(await cluster.Client.FindAsync<ConfigMap>(new("default", "late"), Patience));
    }

    [Fact]
    public async Task Trap27_an_ex_leader_refuses_requeues_and_what_comes_after()
    {
        var runs = 0;
        Action<ObjectKey>? trigger = null;
        var entered = NewSignal();
        var leader = Run("leader", Short(), stop.Token, async token =>
        {
            Interlocked.Increment(ref runs);
            entered.TrySetResult();
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, token));
            return ReconcileResult.After(TimeSpan.Zero);
        }, attach => trigger = attach);
        await entered.Task.WaitAsync(Patience);
        await TakeLeaseAsync("somebody-else");
        await Assert.ThrowsAsync<OperatorException>(() => leader.Ended.WaitAsync(TimeSpan.FromSeconds(30), Patience));
        trigger!(new("default", "another"));
        Assert.Equal((1, 0), (runs, leader.Operator.QueueDepth));
        Assert.True(leader.Operator.IsIdle);
    }

    private static LeaderElectionOptions Short() => new()
    {
        Enabled = true, LeaseName = "test", LeaseDuration = TimeSpan.FromSeconds(3), RenewDeadline = TimeSpan.FromSeconds(2), RetryPeriod = TimeSpan.FromSeconds(0.2),
    };

    private static LeaderElectionOptions Long() => new()
    {
        Enabled = true, LeaseName = "test", LeaseDuration = TimeSpan.FromSeconds(180), RenewDeadline = TimeSpan.FromSeconds(120), RetryPeriod = TimeSpan.FromSeconds(60),
    };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private (Operator Operator, Task Ended, KubeClient Client) Run(
        string identity, LeaderElectionOptions election, CancellationToken until, Func<CancellationToken, Task<ReconcileResult>> reconcile, Action<Action<ObjectKey>>? triggered = null)
    {
        election.Identity = identity;
        var client = cluster.NewClient(identity);
        var builder = new OperatorBuilder(client, new() { Name = "test", LeaderElection = election, ExitProcess = exits.Enqueue });
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", controller =>
        {
            controller.For(maps);
            controller.Reconcile = (_, token) => reconcile(token);
            controller.TriggeredBy(triggered ?? (_ => { }));
        });
        var @operator = builder.Build();
        return (@operator, @operator.RunAsync(until), client);
    }

    private async Task<string?> HolderAsync() => (await cluster.Client.GetAsync<Lease>(new("default", "test"), Patience)).Spec!.HolderIdentity;

    private Task TakeLeaseAsync(string holder) => cluster.Client.PatchAsync<Lease>(
        new("default", "test"), PatchType.Merge, Encoding.UTF8.GetBytes(new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = holder } }.ToJsonString()), null, Patience);
}
