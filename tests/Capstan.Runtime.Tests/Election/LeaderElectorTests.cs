using System.Text.Json.Nodes;
using Capstan.Election;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Election;

public sealed class LeaderElectorTests : IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = 1.2 * Retry;
    private readonly ManualTime time = new();
    private readonly MetricsReading metrics = new();
    private readonly CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly List<KubeClient> clients = [];
    private LeaseServer? server;

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        clients.ForEach(client => client.Dispose());
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        metrics.Dispose();
        end.Dispose();
    }

    [Fact]
    public async Task Creates_the_lease_when_there_is_none()
    {
        var elector = await ElectorAsync("a");
        await elector.AcquireAsync(end.Token);
        Assert.True(elector.IsLeader);
        Assert.Equal(["GET", "POST"], server!.Requests);
        Assert.Equal(
            """{"holderIdentity":"a","leaseDurationSeconds":15,"acquireTime":"2026-01-02T03:04:05.000000Z","renewTime":"2026-01-02T03:04:05.000000Z","leaseTransitions":0}""",
            server!.Spec!.ToJsonString());
        Assert.Equal("1", metrics["""leader_election_master_status{name="test"}"""]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("""{"holderIdentity":null}""")]
    [InlineData("""{"holderIdentity":"","leaseDurationSeconds":15}""")]
    public async Task Trap26_a_lease_created_empty_is_updated_not_created(string? spec)
    {
        var elector = await ElectorAsync("a");
        server!.Put(spec is null ? null : JsonNode.Parse(spec)!.AsObject());
        await elector.AcquireAsync(end.Token);
        Assert.Equal(["GET", "PUT"], server!.Requests);
        Assert.Equal("a", server!.Holder);
    }

    [Theory]
    [InlineData("1999-01-01T00:00:00.000000Z")]
    [InlineData("2099-01-01T00:00:00.000000Z")]
    public async Task Trap26_expiry_is_what_we_saw_and_not_what_the_other_clock_says(string renewTime)
    {
        var elector = await ElectorAsync("b");
        server!.Put(HeldBy("a", renewTime));
        var acquiring = elector.AcquireAsync(end.Token);

        await StepUntilAsync(TimeSpan.FromSeconds(14));
        Assert.False(acquiring.IsCompleted);
        Assert.DoesNotContain("PUT", server!.Requests);

        // A sign of life starts the wait anew.
        server!.Put(HeldBy("a", renewTime));
        await StepUntilAsync(TimeSpan.FromSeconds(15));
        Assert.False(acquiring.IsCompleted);
        await StepUntilAsync(LongestRetry + Retry, acquiring);
        await acquiring;
        Assert.Equal("b", server!.Holder);
        Assert.Equal(1, (int)server!.Spec!["leaseTransitions"]!);
    }

    [Fact]
    public async Task Renews_with_one_request_each()
    {
        var elector = await ElectorAsync("a");
        await elector.AcquireAsync(end.Token);
        server!.ClearRequests();
        var holding = elector.HoldAsync(end.Token);
        await StepUntilAsync(TimeSpan.FromSeconds(60));
        Assert.True(elector.IsLeader);
        Assert.False(holding.IsCompleted);
        Assert.All(server!.Requests, method => Assert.Equal("PUT", method));
        Assert.InRange(server!.Requests.Count, 25, 30);
        Assert.Equal("0", metrics["""leader_election_slowpath_total{name="test"}"""]);
    }

    [Fact]
    public async Task A_label_set_by_somebody_else_does_not_cost_the_leadership()
    {
        var elector = await ElectorAsync("a");
        await elector.AcquireAsync(end.Token);
        var holding = elector.HoldAsync(end.Token);
        await WaitsAsync();
        server!.Put(server!.Spec);
        await StepUntilAsync(TimeSpan.FromSeconds(20));
        Assert.True(elector.IsLeader);
        Assert.False(holding.IsCompleted);
        Assert.Equal("1", metrics["""leader_election_slowpath_total{name="test"}"""]);
    }

    [Fact]
    public async Task Leadership_taken_by_another_is_lost_at_once()
    {
        var elector = await ElectorAsync("a");
        await elector.AcquireAsync(end.Token);
        var holding = elector.HoldAsync(end.Token);
        await WaitsAsync();
        server!.Put(HeldBy("b", "2026-01-02T03:04:05.000000Z"));
        time.Advance(Retry);
        Assert.Equal("b holds it", await holding);
        Assert.False(elector.IsLeader);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(0)] // never answers
    public async Task Trap27_leadership_ends_at_the_renew_deadline_whatever_the_server_does(int code)
    {
        var elector = await ElectorAsync("a");
        await elector.AcquireAsync(end.Token);
        var start = time.GetUtcNow();
        server!.Fault = code != 0
            ? (_, _) => Task.FromResult<int?>(code)
            : async (_, aborted) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, aborted);
                return null;
            };
        var holding = elector.HoldAsync(end.Token);
        while (time.GetUtcNow() - start < TimeSpan.FromSeconds(9.75))
        {
            Assert.True(elector.IsLeader, $"gave up after {time.GetUtcNow() - start}");

            // A request that hangs has the timer of its deadline, nothing sooner.
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(10), end.Token);
            time.Advance(TimeSpan.FromSeconds(0.25));
        }

        time.Advance(TimeSpan.FromSeconds(0.25));
        Assert.False(elector.IsLeader, "still leader after the deadline");
        Assert.Equal("it could not be renewed for 10 s", await holding);
    }

    [Fact]
    public async Task A_server_that_comes_back_in_time_costs_nothing()
    {
        var elector = await ElectorAsync("a");
        await elector.AcquireAsync(end.Token);
        var holding = elector.HoldAsync(end.Token);
        server!.Fault = (_, _) => Task.FromResult<int?>(500);
        await StepUntilAsync(TimeSpan.FromSeconds(5), holding);
        server!.Fault = null;
        await StepUntilAsync(TimeSpan.FromSeconds(20), holding);
        Assert.True(elector.IsLeader);
        Assert.False(holding.IsCompleted);
    }

    [Fact]
    public async Task What_is_released_is_taken_at_the_next_try()
    {
        var first = await ElectorAsync("a");
        await first.AcquireAsync(end.Token);
        var second = await ElectorAsync("b");
        var acquiring = second.AcquireAsync(end.Token);
        await WaitsAsync();
        await first.ReleaseAsync(end.Token);
        Assert.Equal("", server!.Holder);
        Assert.False(first.IsLeader);
        time.Advance(LongestRetry);
        await acquiring;
        Assert.Equal("b", server!.Holder);
    }

    [Fact]
    public async Task A_lease_that_is_another_s_by_now_is_not_released()
    {
        var first = await ElectorAsync("a");
        await first.AcquireAsync(end.Token);
        server!.Put(HeldBy("b", "2026-01-02T03:04:05.000000Z"));
        await first.ReleaseAsync(end.Token);
        Assert.Equal("b", server!.Holder);
    }

    [Fact]
    public async Task Trap26_a_follower_takes_over_from_a_dead_leader_only_after_that_one_has_given_up()
    {
        var first = await ElectorAsync("a");
        await first.AcquireAsync(end.Token);
        var second = await ElectorAsync("b");
        var acquiring = second.AcquireAsync(end.Token);
        var start = time.GetUtcNow();
        while (!acquiring.IsCompleted)
        {
            await SettlesAsync(acquiring);
            Assert.False(first.IsLeader && second.IsLeader, "two leaders");
            time.Advance(TimeSpan.FromSeconds(0.1));
        }

        await acquiring;
        Assert.InRange(time.GetUtcNow() - start, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15) + LongestRetry + TimeSpan.FromSeconds(0.2));
    }

    [Fact]
    public async Task Trap26_of_two_that_take_an_expired_lease_one_gets_it()
    {
        var (first, second) = (await ElectorAsync("a"), await ElectorAsync("b"));
        server!.Put(HeldBy("dead", "2026-01-02T03:04:05.000000Z"));
        var (one, other) = (first.AcquireAsync(end.Token), second.AcquireAsync(end.Token));
        while (!(server!.Requests.Count == 2 && time.Timers.Count(left => left <= LongestRetry) == 2))
        {
            await Task.Yield();
            end.Token.ThrowIfCancellationRequested();
        }

        // Both have read the same version when they write.
        var reads = 0;
        var bothRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server!.Fault = async (method, _) =>
        {
            if (method == "PUT")
            {
                if (Interlocked.Increment(ref reads) == 2)
                {
                    bothRead.SetResult();
                }

                await bothRead.Task;
            }

            return null;
        };
        time.Advance(TimeSpan.FromSeconds(15));
        await Task.WhenAny(one, other).WaitAsync(TimeSpan.FromSeconds(30), end.Token);
        Assert.Equal(2, reads);
        Assert.True(first.IsLeader ^ second.IsLeader);
        Assert.Equal(first.IsLeader ? "a" : "b", server!.Holder);
    }

    [Fact]
    public void Trap26_durations_that_contradict_each_other_are_refused()
    {
        var options = new LeaderElectionOptions { Enabled = true, LeaseName = "test" };
        options.Validate();
        options.RenewDeadline = TimeSpan.FromSeconds(15);
        Assert.Contains("must exceed the renew deadline", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        options.RenewDeadline = TimeSpan.FromSeconds(2.4);
        Assert.Throws<ArgumentException>(options.Validate);
        Assert.Throws<ArgumentException>(new LeaderElectionOptions { Enabled = true }.Validate);
    }

    private async Task<LeaderElector> ElectorAsync(string identity)
    {
        server ??= await LeaseServer.StartAsync();
        var client = new KubeClient(server!.Config, new() { MaxTries = 1 });
        clients.Add(client);
        var options = new LeaderElectionOptions { Enabled = true, LeaseName = "test", Identity = identity };
        return new(client, options, metrics.Meter, time, new Random(1), NullLogger.Instance);
    }

    /// <summary>Advances from wait to wait of the elector, so that every answer has been seen before time goes on.</summary>
    private async Task StepUntilAsync(TimeSpan passed, Task? unless = null)
    {
        var end = time.GetUtcNow() + passed;
        while (time.GetUtcNow() < end)
        {
            await SettlesAsync(unless);
            if (unless?.IsCompleted == true)
            {
                return;
            }

            var step = time.NextTimer is { } next && next > TimeSpan.Zero ? next : TimeSpan.FromTicks(1);
            time.Advance(step < end - time.GetUtcNow() ? step : end - time.GetUtcNow());
        }

        await SettlesAsync(unless);
    }

    private Task WaitsAsync() => time.WaitForTimerAsync(LongestRetry, this.end.Token);

    private async Task SettlesAsync(Task? ended)
    {
        await Task.WhenAny(WaitsAsync(), ended ?? Task.Delay(Timeout.InfiniteTimeSpan, this.end.Token));
    }

    private static JsonObject HeldBy(string holder, string renewTime) =>
        new() { ["holderIdentity"] = holder, ["leaseDurationSeconds"] = 15, ["renewTime"] = renewTime, ["leaseTransitions"] = 0 };
}
