using Xunit;
using Replica = Capstan.Runtime.Tests.Election.Sharding.ShardSimulation.Replica;

namespace Capstan.Runtime.Tests.Election.Sharding;

/// <summary>How long a key may be without an owner, and how many move.</summary>
public sealed class ShardTimesTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.1);
    private readonly ShardSimulation world = new();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(10)]
    public void A_replica_that_joins_or_leaves_costs_no_time(int count)
    {
        Settle(count);
        var before = Owners();
        var joined = world.Add();
        var gap = LongestGap(TimeSpan.FromSeconds(30));
        var after = Owners();
        Assert.All(before.Keys.Where(key => before[key] != after[key]), key => Assert.Equal(joined, after[key]));
        Assert.True(gap <= 2 * Tick, $"{gap} without an owner after a join");

        joined.Leave();
        gap = LongestGap(TimeSpan.FromSeconds(30));
        Assert.Equal(before, Owners());
        Assert.True(gap <= 2 * Tick, $"{gap} without an owner after a leave");
        Assert.True(joined.IsDead, "the one that left has not ended");
    }

    [Fact]
    public void A_killed_replica_s_keys_have_another_owner_within_a_lease()
    {
        for (var round = 0; round < 20; round++)
        {
            Settle(3);
            var before = Owners();
            var killed = world.Alive.First();
            world.Advance(Tick * round);
            killed.IsDead = true;
            var gap = LongestGap(TimeSpan.FromSeconds(40));
            TestContext.Current.TestOutputHelper!.WriteLine($"killed at {world.Now}: {gap}");
            Assert.InRange(gap, ShardSimulation.LeaseDuration - ShardSimulation.RetryPeriod - TimeSpan.FromSeconds(2), ShardSimulation.LeaseDuration + (2 * Tick));
            Assert.All(before.Where(entry => entry.Value != killed), entry => Assert.Equal(entry.Value, Owners()[entry.Key]));
        }
    }

    [Fact]
    public void A_replica_cut_off_stops_before_the_others_start_and_comes_back()
    {
        Settle(3);
        var before = Owners();
        var cut = world.Replicas[1];
        cut.IsPartitioned = true;
        world.Run(TimeSpan.FromSeconds(30), () => world.Check(true));
        Assert.DoesNotContain(cut, Owners().Values);
        Assert.False(cut.Member.MayWrite(null, cut.Now));
        cut.IsPartitioned = false;
        Assert.True(LongestGap(TimeSpan.FromSeconds(30)) <= 2 * Tick);
        Assert.Equal(before, Owners());
    }

    [Fact]
    public void A_long_run_keeps_its_key_and_no_other_waits_for_it()
    {
        Settle(2);
        var busy = world.Replicas[0];
        var mine = ShardSimulation.Keys.Where(key => busy.Member.Ownership.Has(key)).ToList();
        mine.ForEach(busy.Begin);
        foreach (var _ in mine.Skip(1))
        {
            busy.End(1);
        }

        var held = busy.Runs.Single().Key;
        busy.Leave();
        world.Run(TimeSpan.FromSeconds(60), () => world.Check(true));
        var owners = Owners();
        Assert.Equal(busy, owners[held]);
        Assert.All(owners.Where(entry => entry.Key != held), entry => Assert.Equal(world.Replicas[1], entry.Value));
        Assert.False(busy.IsDead);
        Assert.True(busy.Member.MayWrite(busy.Runs[0], busy.Now));

        busy.End(0);
        Assert.True(LongestGap(TimeSpan.FromSeconds(5)) <= 2 * Tick);
        Assert.Equal(world.Replicas[1], Owners()[held]);
        Assert.True(busy.IsDead);
    }

    [Fact]
    public void Leases_of_the_dead_are_cleaned_up()
    {
        Settle(3);
        world.Replicas[0].IsDead = true;
        world.Replicas[1].Leave();
        world.Run(TimeSpan.FromSeconds(60));
        Assert.Equal([world.Replicas[2].Name], world.Leases);
    }

    private void Settle(int count)
    {
        while (world.Alive.Count() < count)
        {
            world.Add();
        }

        world.Run(TimeSpan.FromSeconds(40));
    }

    private Dictionary<ulong, Replica> Owners() => ShardSimulation.Keys.ToDictionary(key => key, key => world.OwnersOf(key).Single());

    private TimeSpan LongestGap(TimeSpan during)
    {
        var since = ShardSimulation.Keys.ToDictionary(key => key, _ => world.Now);
        var longest = TimeSpan.Zero;
        world.Run(during, () =>
        {
            world.Check(true);
            foreach (var key in ShardSimulation.Keys)
            {
                since[key] = world.OwnersOf(key).Count > 0 ? world.Now : since[key];
                longest = world.Now - since[key] > longest ? world.Now - since[key] : longest;
            }
        });
        return longest;
    }
}
