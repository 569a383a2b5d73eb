using Capstan.Election;
using Capstan.Election.Sharding;
using Capstan.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Election;

/// <summary>Elections and memberships at a whole API server: ours, or a real one, which is killed and restarted under them.</summary>
[Collection(nameof(Alone))]
public sealed class ElectionServerTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3), Deadline = TimeSpan.FromSeconds(2), Retry = TimeSpan.FromSeconds(0.25);
    private static readonly ulong[] Keys = [.. Enumerable.Range(0, 300).Select(i => ShardView.HashOf(new("default", $"key-{i}")))];
    private readonly MetricsReading metrics = new();
    private readonly CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        end.Cancel();
        end.Dispose();
        metrics.Dispose();
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Leadership_goes_on_when_released_and_when_its_holder_dies(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var (first, second, third) = (Elector(server, "first"), Elector(server, "second"), Elector(server, "third"));
        await first.AcquireAsync(end.Token);
        using var stopFirst = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        var holding = first.HoldAsync(stopFirst.Token);
        var acquiring = second.AcquireAsync(end.Token);
        await SeeAsync("renewals", async () => (await LeaseAsync(server)).Spec!.RenewTime > (await LeaseAsync(server)).Spec!.AcquireTime);
        Assert.False(acquiring.IsCompleted);
        await stopFirst.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holding);
        await first.ReleaseAsync(end.Token);
        await acquiring.WaitAsync(TimeSpan.FromSeconds(30), end.Token);

        // The second never renews: as dead as can be.
        await third.AcquireAsync(end.Token).WaitAsync(TimeSpan.FromSeconds(60), end.Token);
        Assert.Equal((false, false, true), (first.IsLeader, second.IsLeader, third.IsLeader));
        Assert.Equal(("third", 2), ((await LeaseAsync(server)).Spec!.HolderIdentity, (await LeaseAsync(server)).Spec!.LeaseTransitions));
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap26_a_lease_created_empty_is_taken(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        await server.Client.CreateAsync(new Lease { Metadata = new() { Name = "test", Namespace = server.Namespace } }, cancellationToken: end.Token);
        await Elector(server, "first").AcquireAsync(end.Token).WaitAsync(TimeSpan.FromSeconds(30), end.Token);
        Assert.Equal("first", (await LeaseAsync(server)).Spec!.HolderIdentity);
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap26_a_lease_expires_its_duration_after_the_renewal_was_seen_and_not_after_the_next_look(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var time = new ManualTime();
        var start = time.GetUtcNow();
        var spec = new LeaseSpec { HolderIdentity = "killed", LeaseDurationSeconds = 15, RenewTime = start };
        var lease = await server.Client.CreateAsync(new Lease { Metadata = new() { Name = "test", Namespace = server.Namespace }, Spec = spec }, cancellationToken: end.Token);
        var options = new LeaderElectionOptions { Enabled = true, LeaseName = "test", Namespace = server.Namespace, Identity = "next" };
        var elector = new LeaderElector(server.Client, options, metrics.Meter, time, new Random(1), NullLogger.Instance);
        var acquiring = elector.AcquireAsync(end.Token);
        await SeeAsync("the lease to be watched", () => Task.FromResult(elector.NoticedVersion == lease.Metadata.ResourceVersion));

        // Between two looks of the follower, its last renewal.
        time.Advance(TimeSpan.FromSeconds(1));
        lease = await server.Client.UpdateAsync(lease with { Spec = spec with { RenewTime = time.GetUtcNow() } }, cancellationToken: end.Token);
        await SeeAsync("the renewal to be seen", () => Task.FromResult(elector.NoticedVersion == lease.Metadata.ResourceVersion));
        while (!acquiring.IsCompleted)
        {
            // On only when the follower waits: its tries have the timer of their limit, which is longer than any of its waits.
            await Task.WhenAny(acquiring, time.WaitForTimerAsync(1.2 * options.RetryPeriod, end.Token));
            time.Advance(acquiring.IsCompleted ? TimeSpan.Zero : TimeSpan.FromSeconds(0.1));
        }

        Assert.InRange(time.GetUtcNow() - start, TimeSpan.FromSeconds(16), TimeSpan.FromSeconds(16.1));
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Members_share_the_keys_and_the_rest_take_over_from_one_that_leaves(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var members = Enumerable.Range(0, 3).Select(_ => Member(server)).ToList();
        await SharedByAsync(members);
        Assert.True(await members[0].Loop.LeaveAsync(TimeSpan.FromSeconds(30), end.Token));
        await SharedByAsync([.. members.Skip(1)]);
    }

    [Fact]
    public async Task A_server_that_is_killed_and_comes_back_has_one_leader_and_all_members()
    {
        RestartableServer.Require();
        await using var server = await AnyServer.ConnectAsync(AnyServer.Real);
        var (first, second) = (Elector(server, "first"), Elector(server, "second"));
        await first.AcquireAsync(end.Token);
        var lost = first.HoldAsync(end.Token);
        _ = LeadAsync(second);
        var members = Enumerable.Range(0, 3).Select(_ => Member(server)).ToList();
        await SharedByAsync(members);

        await RestartableServer.StopAsync();
        Assert.StartsWith("it could not be renewed", await lost.WaitAsync(TimeSpan.FromSeconds(30), end.Token), StringComparison.Ordinal);
        Assert.False(first.IsLeader || second.IsLeader);
        await SeeAsync("all members to stop", () => Task.FromResult(members.All(member => !member.Loop.IsMember)));
        await RestartableServer.StartAsync();
        _ = LeadAsync(first);
        await SeeAsync("one leader", () => Task.FromResult(first.IsLeader ^ second.IsLeader));
        await SharedByAsync(members);
        Assert.All(members, member => Assert.False(member.Run.IsCompleted));
    }

    private async Task LeadAsync(LeaderElector elector)
    {
        while (true)
        {
            await elector.AcquireAsync(end.Token);
            await elector.HoldAsync(end.Token);
        }
    }

    private async Task SharedByAsync(IReadOnlyList<(ShardLoop Loop, Task Run)> members) => await SeeAsync("the keys to be shared", () =>
    {
        var owners = Keys.Select(key => members.Where(member => member.Loop.IsMember && member.Loop.Owns(key)).ToList()).ToList();
        Assert.All(owners, all => Assert.True(all.Count <= 1, "two own a key"));
        return Task.FromResult(owners.All(all => all.Count == 1) && owners.DistinctBy(all => all[0].Loop).Count() == members.Count);
    });

    private async Task SeeAsync(string what, Func<Task<bool>> holds) =>
        await Eventually.SeeAsync(what, async _ => await holds(), seen => seen, TimeSpan.FromSeconds(60), end.Token);

    private Task<Lease> LeaseAsync(AnyServer server) => server.Client.GetAsync<Lease>(new(server.Namespace, "test"), end.Token);

    private LeaderElector Elector(AnyServer server, string identity)
    {
        var options = new LeaderElectionOptions
        {
            Enabled = true, LeaseName = "test", Namespace = server.Namespace, Identity = identity, LeaseDuration = Lease, RenewDeadline = Deadline, RetryPeriod = Retry,
        };
        return new(server.Client, options, metrics.Meter, TimeProvider.System, new Random(1), NullLogger.Instance);
    }

    private (ShardLoop Loop, Task Run) Member(AnyServer server)
    {
        var options = new ShardingOptions
        {
            Enabled = true, Group = "test", Namespace = server.Namespace, LeaseDuration = Lease, RenewDeadline = Deadline, RetryPeriod = Retry,
        };
        var loop = new ShardLoop(server.Client, options, metrics.Meter, TimeProvider.System, new Random(1), NullLogger.Instance);
        loop.Changed += () =>
        {
            // There are no caches to fill.
            if (loop.Member.NeedsFill)
            {
                loop.Member.Filled(loop.Member.Wanted);
            }
        };
        return (loop, loop.RunAsync(end.Token));
    }
}
