using Capstan.Election.Sharding;
using Xunit;

namespace Capstan.Runtime.Tests.Election.Sharding;

public sealed class ShardViewTests
{
    private static readonly ulong[] Keys = [.. Enumerable.Range(0, 20_000).Select(i => ShardView.HashOf(new($"team-{i % 37}", $"database-{i}")))];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void Members_share_the_keys_within_a_fifth_of_even(int count)
    {
        var view = Of(count);
        var shares = Keys.CountBy(key => view.OwnerOf(key)!).ToDictionary();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", shares.Values));
        var even = Keys.Length / (double)count;
        Assert.Equal(count, shares.Count);
        Assert.All(shares.Values, share => Assert.InRange(share, 0.8 * even, 1.2 * even));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void Who_joins_takes_its_share_and_nothing_else_moves(int count)
    {
        var (before, after) = (Of(count), Of(count + 1));
        var moved = Keys.Where(key => before.OwnerOf(key) != after.OwnerOf(key)).ToList();
        Assert.All(moved, key => Assert.Equal($"operator-{count}", after.OwnerOf(key)));
        Assert.InRange(moved.Count, 0.8 * Keys.Length / (count + 1), 1.2 * Keys.Length / (count + 1));
    }

    [Fact]
    public void Who_leaves_gives_away_its_own_keys_and_to_all_the_others()
    {
        var (before, after) = (Of(4), new ShardView(["operator-0", "operator-1", "operator-3"]));
        var moved = Keys.Where(key => before.OwnerOf(key) != after.OwnerOf(key)).ToList();
        Assert.All(moved, key => Assert.Equal("operator-2", before.OwnerOf(key)));
        Assert.Equal(3, moved.Select(after.OwnerOf).Distinct().Count());
    }

    [Fact]
    public void The_hash_is_that_of_all_builds()
    {
        // Replicas of two builds work side by side during an update: these figures must not change.
        Assert.Equal(13372365325403783537UL, ShardView.HashOf(new("default", "a")));
        Assert.NotEqual(ShardView.HashOf(new("ab", "c")), ShardView.HashOf(new("a", "bc")));
        Assert.Equal("0121", string.Concat(((string[])["a", "b", "c", "d"]).Select(name => Of(3).OwnerOf(ShardView.HashOf(new("default", name)))![^1])));
    }

    [Fact]
    public void The_order_of_the_members_does_not_matter_and_nobody_owns_for_nobody()
    {
        Assert.Equal(new ShardView(["b", "a", "b"]), new ShardView(["a", "b"]));
        Assert.Null(ShardView.Empty.OwnerOf(1));
        Assert.True(Of(3).Includes(Of(2)));
        Assert.False(Of(2).Includes(Of(3)));
        Assert.Equal("x", new ShardView(["x"]).OwnerOf(ShardView.HashOf(new("", new string('é', 253)))));
    }

    private static ShardView Of(int count) => new(Enumerable.Range(0, count).Select(i => $"operator-{i}"));
}
