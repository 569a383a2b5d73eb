using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Election;
using Capstan.Testing;
using Xunit;

namespace Capstan.Runtime.Tests.Hosting;

public sealed class OperatorTests : IAsyncLifetime
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<KubeClient> operatorClients = [];
    private TestCluster cluster = null!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await TestCluster.StartAsync(new() { Controllers = false }, Patience);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await cluster.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public async Task Reconciles_what_is_there_and_what_comes_and_stops_in_order()
    {
        await CreateAsync("before");
        var builder = Builder(new() { MetricsBindAddress = ":0", HealthProbeBindAddress = "127.0.0.1:0" });
        var seen = new ConcurrentQueue<string>();
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", c =>
        {
            c.For(maps);
            c.MaxConcurrentReconciles = 2;
            c.Reconcile = (key, _) =>
            {
                seen.Enqueue(key.Name);
                return Task.FromResult(ReconcileResult.Done);
            };
        });
        var @operator = builder.Build();
        var running = @operator.RunAsync(stop.Token);
        await @operator.WaitForSyncAsync(Patience);
        await CreateAsync("after");
        await Eventually.SeeAsync("both to be reconciled", _ => Task.FromResult(seen.ToArray()), names => names.Contains("before") && names.Contains("after"), cancellationToken: Patience);
        await Eventually.SeeAsync("rest", _ => Task.FromResult(@operator.IsIdle), idle => idle, cancellationToken: Patience);

        using var http = new HttpClient();
        Assert.Equal("ok", await http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/healthz"), Patience));
        Assert.Equal("[+]informers ok\nreadyz check passed\n", await http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/readyz?verbose"), Patience));
        Assert.Equal("ok", await http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/readyz/informers"), Patience));
        var page = await http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.MetricsPort}/metrics"), Patience);
        Assert.Contains("""controller_runtime_reconcile_total{controller="maps",result="success"} """, page, StringComparison.Ordinal);
        Assert.Contains("""workqueue_adds_total{name="maps",controller="maps"} """, page, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", page, StringComparison.Ordinal);
        Assert.Contains("rest_client_requests_total{", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri($"http://127.0.0.1:{@operator.MetricsPort}/"), Patience)).StatusCode);

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(5), Patience);
        await Assert.ThrowsAsync<InvalidOperationException>(() => @operator.RunAsync(CancellationToken.None));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.MetricsPort}/metrics"), Patience));
    }

    [Fact]
    public async Task A_gate_is_waited_for_before_anything_works_or_leads()
    {
        await CreateAsync("before");
        var builder = Builder(new() { HealthProbeBindAddress = "127.0.0.1:0", LeaderElection = new() { Enabled = true, LeaseName = "gated", Namespace = "default" } });
        var entered = new TaskCompletionSource();
        var opened = new TaskCompletionSource();
        var reconciled = new TaskCompletionSource();
        var ran = false;
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddGate(_ => Task.CompletedTask);
        builder.AddGate(token =>
        {
            entered.SetResult();
            return opened.Task.WaitAsync(token);
        });
        builder.AddRunnable(token =>
        {
            ran = true;
            return Task.Delay(Timeout.Infinite, token);
        });
        builder.AddController("maps", c =>
        {
            c.For(maps);
            c.Reconcile = (_, _) =>
            {
                reconciled.TrySetResult();
                return Task.FromResult(ReconcileResult.Done);
            };
        });
        var @operator = builder.Build();
        var running = @operator.RunAsync(stop.Token);
        await entered.Task.WaitAsync(Patience);

        using var http = new HttpClient();
        Assert.Equal("ok", await http.GetStringAsync(new Uri($"http://127.0.0.1:{@operator.HealthProbePort}/healthz"), Patience));
        Assert.Null(await cluster.Client.FindAsync<Lease>(new("default", "gated"), Patience));
        Assert.False(@operator.Synced.IsCompleted || reconciled.Task.IsCompleted || ran || @operator.IsLeader);

        opened.SetResult();
        await reconciled.Task.WaitAsync(Patience);
        Assert.NotNull(await cluster.Client.FindAsync<Lease>(new("default", "gated"), Patience));
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), Patience);
    }

    [Fact]
    public async Task A_gate_that_is_never_opened_does_not_hold_up_the_stop_and_one_that_fails_ends_the_operator()
    {
        var waiting = Builder();
        var entered = new TaskCompletionSource();
        waiting.AddGate(token =>
        {
            entered.SetResult();
            return Task.Delay(Timeout.Infinite, token);
        });
        var @operator = waiting.Build();
        var running = @operator.RunAsync(stop.Token);
        await entered.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), Patience);

        var failing = Builder();
        failing.AddGate(_ => throw new InvalidOperationException("not here"));
        Assert.Equal("not here", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing.Build().RunAsync(CancellationToken.None))).Message);
    }

    [Fact]
    public async Task Trap20_a_mapping_gets_the_object_before_and_after()
    {
        var builder = Builder();
        var seen = new ConcurrentQueue<string>();
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("targets", c =>
        {
            c.Watches<ConfigMap>(maps, (old, now) => Targets(old).Concat(Targets(now)));
            c.Reconcile = (key, _) =>
            {
                seen.Enqueue(key.Name);
                return Task.FromResult(ReconcileResult.Done);
            };
        });
        var running = builder.Build();
        var ended = running.RunAsync(stop.Token);
        await running.WaitForSyncAsync(Patience);
        await CreateAsync("link", "one");
        await SeesAsync("one");
        seen.Clear();
        await cluster.Client.PatchAsync<ConfigMap>(new("default", "link"), PatchType.Merge, """{"data":{"target":"two"}}"""u8.ToArray(), null, Patience);
        await SeesAsync("one", "two");
        seen.Clear();
        await cluster.Client.DeleteAsync<ConfigMap>(new("default", "link"), null, Patience);
        await SeesAsync("two");
        await stop.CancelAsync();
        await ended;

        static IEnumerable<ObjectKey> Targets(ConfigMap? map) => map?.Data?.GetValueOrDefault("target") is { } target ? [new("default", target)] : [];

        Task SeesAsync(params string[] names) => Eventually.SeeAsync(
            string.Join(" and ", names), _ => Task.FromResult(seen.Distinct().Order().ToArray()), all => all.SequenceEqual(names.Order()), cancellationToken: Patience);
    }

    [Fact]
    public async Task Filters_see_old_and_new_and_one_that_throws_lets_the_object_through()
    {
        var builder = Builder();
        var seen = new ConcurrentQueue<string>();
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", c =>
        {
            c.For<ConfigMap>(maps, (old, now) => now?.Metadata.Name == "broken" ? throw new InvalidOperationException("a filter with a bug") : old is not null && now is not null);
            c.Reconcile = (key, _) =>
            {
                seen.Enqueue(key.Name);
                return Task.FromResult(ReconcileResult.Done);
            };
        });
        var running = builder.Build();
        var ended = running.RunAsync(stop.Token);
        await running.WaitForSyncAsync(Patience);
        await CreateAsync("created-only");
        await CreateAsync("updated");
        await cluster.Client.PatchAsync<ConfigMap>(new("default", "updated"), PatchType.Merge, """{"data":{"a":"b"}}"""u8.ToArray(), null, Patience);
        await CreateAsync("broken");
        await Eventually.SeeAsync("the last one", _ => Task.FromResult(seen.ToArray()), names => names.Contains("broken"), cancellationToken: Patience);
        await stop.CancelAsync();
        await ended;
        Assert.Equal(["broken", "updated"], seen.Order());
    }

    [Fact]
    public async Task A_kind_that_is_not_served_ends_the_start_with_its_name()
    {
        var builder = Builder();
        builder.AddInformer(new ResourceType("nowhere.io", "v1", "Ghost", "ghosts", true), new() { CacheSyncTimeout = TimeSpan.FromMilliseconds(300) });
        var @operator = builder.Build();
        var error = await Assert.ThrowsAsync<OperatorException>(() => @operator.RunAsync(stop.Token));
        Assert.Contains("nowhere.io/v1, Kind=Ghost", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        await Assert.ThrowsAsync<OperatorException>(() => @operator.Synced);
    }

    [Fact]
    public async Task An_address_that_is_taken_ends_the_start_with_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var @operator = Builder(new() { MetricsBindAddress = taken.LocalEndpoint.ToString()! }).Build();
        var error = await Assert.ThrowsAsync<OperatorException>(() => @operator.RunAsync(stop.Token));
        Assert.StartsWith($"cannot serve /metrics on {taken.LocalEndpoint}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_stop_waits_for_the_run_under_way_and_its_writes_pass()
    {
        await CreateAsync("slow");
        var (entered, leave) = (NewSignal(), NewSignal());
        var (@operator, ended) = await RunOneAsync(new(), async (_, token) =>
        {
            entered.TrySetResult();
            await leave.Task;
            token.ThrowIfCancellationRequested();
            await CreateAsync("written-during-the-stop");
            return ReconcileResult.Done;
        });
        await entered.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        Assert.False(ended.IsCompleted);
        leave.SetResult();
        await ended.WaitAsync(TimeSpan.FromSeconds(10), Patience);
        Assert.NotNull(await cluster.Client.FindAsync<ConfigMap>(new("default", "written-during-the-stop"), Patience));
    }

    [Fact]
    public async Task A_run_that_outlasts_the_graceful_time_is_cancelled()
    {
        await CreateAsync("slow");
        var (entered, cancelled) = (NewSignal(), NewSignal());
        var (_, ended) = await RunOneAsync(new() { GracefulShutdownTimeout = TimeSpan.FromMilliseconds(100) }, async (_, token) =>
        {
            entered.TrySetResult();
            await using var registration = token.Register(cancelled.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return ReconcileResult.Done;
        });
        await entered.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        await ended.WaitAsync(TimeSpan.FromSeconds(10), Patience);
        Assert.True(cancelled.Task.IsCompleted);
    }

    [Fact]
    public async Task Trap27_a_lost_leader_cancels_its_runs_writes_nothing_more_and_ends()
    {
        await CreateAsync("slow");
        var (entered, cancelled) = (NewSignal(), NewSignal());
        Exception? refusal = null;
        var (@operator, ended) = await RunOneAsync(WithElection("zombie"), async (_, token) =>
        {
            entered.TrySetResult();
            await using var registration = token.Register(cancelled.SetResult);
            await cancelled.Task;
            refusal = await Record.ExceptionAsync(() => CreateAsync("written-by-a-zombie", operatorClients[0]));
            return ReconcileResult.After(TimeSpan.Zero);
        });
        await entered.Task.WaitAsync(Patience);
        Assert.True(@operator.IsLeader);
        await TakeLeaseAsync("somebody-else");
        var error = await Assert.ThrowsAsync<OperatorException>(() => ended.WaitAsync(TimeSpan.FromSeconds(20), Patience));
        Assert.Contains("somebody-else holds it", error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(refusal);
        Assert.Null(await cluster.Client.FindAsync<ConfigMap>(new("default", "written-by-a-zombie"), Patience));
        Assert.Equal("somebody-else", (await cluster.Client.GetAsync<Lease>(new("default", "test"), Patience)).Spec!.HolderIdentity);
    }

    [Fact]
    public async Task A_stopped_leader_leaves_the_lease_to_the_next_which_has_its_caches_warm()
    {
        await CreateAsync("one");
        var runs = new ConcurrentQueue<string>();
        var (_, firstEnded) = await RunOneAsync(WithElection("first"), (_, _) => Note("first"));
        await Eventually.SeeAsync("the first to work", _ => Task.FromResult(runs.Count), count => count > 0, cancellationToken: Patience);

        using var stopSecond = new CancellationTokenSource();
        var (second, secondEnded) = await RunOneAsync(WithElection("second"), (_, _) => Note("second"), stopSecond.Token);
        Assert.False(second.IsLeader);
        Assert.DoesNotContain("second", runs);
        await stop.CancelAsync();
        await firstEnded;
        await Eventually.SeeAsync("the second to work", _ => Task.FromResult(runs.ToArray()), all => all.Contains("second"), TimeSpan.FromSeconds(10), Patience);
        await stopSecond.CancelAsync();
        await secondEnded;

        Task<ReconcileResult> Note(string who)
        {
            runs.Enqueue(who);
            return Task.FromResult(ReconcileResult.Done);
        }
    }

    [Fact]
    public void A_controller_that_nothing_would_start_is_refused()
    {
        var builder = Builder();
        var foreign = Builder().AddInformer<ConfigMap>();
        Assert.Contains("not of this operator", Assert.Throws<ArgumentException>(() => builder.AddController("a", c =>
        {
            c.For(foreign);
            c.Reconcile = (_, _) => Task.FromResult(ReconcileResult.Done);
        })).Message, StringComparison.Ordinal);
        Assert.Contains("neither Reconcile nor Reconciler", Assert.Throws<ArgumentException>(() => builder.AddController("b", _ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_reach_the_server_and_repetitions_are_counted()
    {
        var about = new ObjectReference { ApiVersion = "v1", Kind = "ConfigMap", Namespace = "default", Name = "noisy", Uid = "u-1" };
        var builder = Builder();
        for (var i = 0; i < 3; i++)
        {
            builder.Events.Warning(about with { ResourceVersion = $"{i}" }, "Failed", "Applying", new string('é', 800));
        }

        builder.Events.Normal(about, "Applied", "Applying", "done");
        var ended = builder.Build().RunAsync(stop.Token);
        var events = await Eventually.SeeAsync("two events", token => cluster.Client.ListAsync<KubeEvent>(new() { Namespace = "default" }, token), list => list.Items.Count == 2 && list.Items.Any(one => one.Series?.Count == 3), cancellationToken: Patience);
        await stop.CancelAsync();
        await ended;

        var failed = events.Items.Single(one => one.Type == "Warning");
        Assert.Equal(("Failed", "Applying", "noisy", 512), (failed.Reason, failed.Action, failed.Regarding!.Name, failed.Note!.Length));
        Assert.Equal("test", failed.ReportingController);
        var single = events.Items.Single(one => one.Type == "Normal");
        Assert.Null(single.Series);
        Assert.NotNull(single.EventTime);
    }

    private static OperatorOptions WithElection(string identity) => new()
    {
        LeaderElection = new()
        {
            Enabled = true,
            LeaseName = "test",
            Identity = identity,
            LeaseDuration = TimeSpan.FromSeconds(3),
            RenewDeadline = TimeSpan.FromSeconds(2),
            RetryPeriod = TimeSpan.FromSeconds(0.2),
        },
    };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OperatorBuilder Builder(OperatorOptions? options = null)
    {
        options ??= new();
        options.Name = "test";
        return new(cluster.Client, options);
    }

    private async Task<(Operator Operator, Task Ended)> RunOneAsync(
        OperatorOptions options, Func<ObjectKey, CancellationToken, Task<ReconcileResult>> reconcile, CancellationToken? until = null)
    {
        // A client of its own: the test's must go on writing when the operator's may not.
        var client = cluster.NewClient("operator");
        operatorClients.Add(client);
        var builder = new OperatorBuilder(client, options);
        var maps = builder.AddInformer<ConfigMap>(new() { Namespace = "default" });
        builder.AddController("maps", c =>
        {
            c.For(maps);
            c.Reconcile = reconcile;
        });
        var @operator = builder.Build();
        var ended = @operator.RunAsync(until ?? stop.Token);
        await @operator.WaitForSyncAsync(Patience);
        return (@operator, ended);
    }

    /// <summary>Takes the Lease away, however often its holder renews in between.</summary>
    private async Task TakeLeaseAsync(string holder) => await cluster.Client.PatchAsync<Lease>(
        new("default", "test"), PatchType.Merge, System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = holder } }.ToJsonString()), null, Patience);

    private Task CreateAsync(string name, string? target = null) => CreateAsync(name, cluster.Client, target);

    private static Task CreateAsync(string name, KubeClient client, string? target = null) => client.CreateAsync(
        new ConfigMap { Metadata = new() { Name = name, Namespace = "default" }, Data = target is null ? null : new() { ["target"] = target } }, cancellationToken: Patience);
}
