using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Hashes;
using Capstan.Cluster.Workloads.Deployments;

namespace Capstan.Cluster.Tests.Workloads.Deployments;

public sealed class DeploymentSizesTests
{
    [Theory]
    [InlineData(10, "25%", "25%", 3, 2)]
    [InlineData(2, "0%", "1%", 0, 1)]
    [InlineData(1, "1%", "25%", 1, 0)]
    [InlineData(0, "25%", "25%", 0, 0)]
    [InlineData(3, "0", "9", 0, 3)]
    public void The_surge_is_rounded_up_and_what_may_be_missing_down_but_never_both_to_nothing(int replicas, string surge, string unavailable, int maxSurge, int maxUnavailable)
    {
        var sizes = new DeploymentSizes(Spec(replicas, surge, unavailable));
        Assert.Equal((maxSurge, maxUnavailable), (sizes.MaxSurge, sizes.MaxUnavailable));
    }

    [Fact]
    public void Sets_grow_and_shrink_by_their_share_of_the_whole()
    {
        // 10 pods and a surge of 2, on 8 and 4; then 20 are wanted, or 5.
        var (large, small) = (Set(8, 12), Set(4, 12));
        var more = new DeploymentSizes(Spec(20, "2", "2"));
        Assert.Equal((7, 3), (more.Proportion(large, 12, 10, 0), more.Proportion(small, 12, 10, 7)));
        var fewer = new DeploymentSizes(Spec(5, "2", "2"));
        Assert.Equal((-3, -2), (fewer.Proportion(large, 12, -5, 0), fewer.Proportion(small, 12, -5, -3)));
        Assert.Equal(-8, new DeploymentSizes(Spec(0, "2", "2")).Proportion(large, 12, -12, 0));
    }

    [Fact]
    public void A_hash_is_of_seven_to_ten_safe_letters_and_another_after_a_collision()
    {
        var hashes = new[] { SafeHash.OfTemplate("a", null), SafeHash.OfTemplate("a", 0), SafeHash.OfTemplate("a", 1), SafeHash.OfTemplate("b", null) };
        Assert.Equal(4, hashes.Distinct().Count());
        Assert.All(hashes, hash => Assert.Matches("^[bcdfghjklmnpqrstvwxz2456789]{7,10}$", hash));

        // FNV-1a of "a" is 3826002220.
        Assert.Equal(SafeHash.Encode("3826002220"), hashes[0]);
    }

    private static DeploymentSpec Spec(int replicas, string surge, string unavailable) => new()
    {
        Replicas = replicas, Strategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = Amount(surge), MaxUnavailable = Amount(unavailable) } },
    };

    private static IntOrString Amount(string text) => int.TryParse(text, out var number) ? number : text;

    private static ReplicaSet Set(int replicas, int max) => new()
    {
        Metadata = new() { Annotations = new() { ["deployment.kubernetes.io/max-replicas"] = $"{max}" } }, Spec = new() { Replicas = replicas },
    };
}
