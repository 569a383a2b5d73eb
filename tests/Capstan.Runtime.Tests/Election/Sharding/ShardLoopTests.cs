using Capstan.Election.Sharding;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Capstan.Runtime.Tests.Election.Sharding;

/// <summary>What stands in the Leases, and what a replica says that may not read them.</summary>
public sealed class ShardLoopTests : IDisposable
{
    private readonly MetricsReading metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => metrics.Dispose();

    [Fact]
    public void A_claim_comes_back_from_its_lease_as_it_was()
    {
        var claim = new ShardClaim(new(["b", "a"]), [1, ulong.MaxValue], false);
        var lease = ShardLease.Write(new() { Metadata = new() { Name = "a", ResourceVersion = "7", Annotations = new() { ["theirs"] = "stays" } } }, claim, TimeSpan.FromSeconds(15), DateTimeOffset.UnixEpoch);
        Assert.Equal("stays", lease.Metadata.Annotations!["theirs"]);
        var record = ShardLease.Read(lease, TimeSpan.FromSeconds(1));
        Assert.Equal(("a", "7", TimeSpan.FromSeconds(15)), (record.Name, record.Version, record.Duration));
        Assert.Equal(claim, record.Claim);
        Assert.Equal(ShardClaim.Left, ShardLease.Read(ShardLease.Write(lease, ShardClaim.Left, TimeSpan.FromSeconds(15), DateTimeOffset.UnixEpoch), default).Claim);
    }

    [Theory]
    [InlineData(null, "", "")]
    [InlineData("retired", "a", "")]
    [InlineData("member", null, "")]
    [InlineData("member", "a", "not-a-hash")]
    public void What_cannot_be_read_claims_everything(string? state, string? view, string draining)
    {
        var annotations = new Dictionary<string, string> { ["capstan.internal/shard-draining"] = draining };
        if (state is not null)
        {
            annotations["capstan.internal/shard-state"] = state;
        }

        if (view is not null)
        {
            annotations["capstan.internal/shard-view"] = view;
        }

        var record = ShardLease.Read(new() { Metadata = new() { Name = "odd", Annotations = annotations } }, TimeSpan.FromSeconds(15));
        Assert.True(record.Claim.Covers("odd", 42));
        Assert.False(ShardOwnership.Of("a", [new(["a"])], [record]).Has(42));
        Assert.True(ShardOwnership.Of("a", [new(["a"])], []).Has(42));
    }

    [Fact]
    public async Task A_replica_that_may_not_read_the_leases_says_so_and_ends()
    {
        await using var server = await LeaseServer.StartAsync();
        server.Fault = (_, _) => Task.FromResult<int?>(403);
        var time = new ManualTime();
        using var client = new KubeClient(server.Config, new() { MaxTries = 1 });
        using var loop = new ShardLoop(client, new() { Enabled = true, Group = "maps" }, metrics.Meter, time, new Random(1), NullLogger.Instance);
        var looking = loop.LookAsync(Cancel);
        while (!looking.IsCompleted)
        {
            await Task.WhenAny(looking, time.WaitForTimerAsync(TimeSpan.FromSeconds(2), Cancel));
            time.Advance(looking.IsCompleted ? TimeSpan.Zero : TimeSpan.FromSeconds(2));
        }

        var error = await Assert.ThrowsAsync<TimeoutException>(() => looking);
        Assert.StartsWith("the Leases of the replicas of maps in default could not be listed within 120 s: ", error.Message, StringComparison.Ordinal);
        Assert.Equal("0", metrics["capstan_shard_members"]);
    }
}
