using Capstan.Cluster.Kinds;
using Capstan.Cluster.Services;

namespace Capstan.Cluster.Tests.Services;

public sealed class EndpointSubsetsTests
{
    private static readonly SubsetPort Http = new() { Name = "http", Port = 80, Protocol = "TCP" };
    private static readonly SubsetPort Https = new() { Name = "https", Port = 443, Protocol = "TCP" };

    [Fact]
    public void Addresses_with_the_same_ports_are_one_subset_in_order()
    {
        var packed = EndpointSubsets.Repack([Of("10.0.0.2", true, Https), Of("10.0.0.1", true, Http), Of("10.0.0.2", true, Http), Of("10.0.0.1", true, Https)]);
        var only = Assert.Single(packed);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], only.Addresses!.Select(one => one.Ip));
        Assert.Equal([80, 443], only.Ports!.Select(port => port.Port));
        Assert.Null(only.NotReadyAddresses);
    }

    [Fact]
    public void Not_ready_wins_and_no_ports_are_kept()
    {
        var packed = EndpointSubsets.Repack([Of("10.0.0.1", true, Http), Of("10.0.0.1", false, Http), Of("10.0.0.9", true)]);
        Assert.Equal("10.0.0.9", Assert.Single(packed, subset => subset.Ports is null).Addresses!.Single().Ip);
        Assert.Equal("10.0.0.1", Assert.Single(packed, subset => subset.Ports is not null).NotReadyAddresses!.Single().Ip);
    }

    [Theory]
    [InlineData(900, 300, 900, 100)]
    [InlineData(1500, 300, 1000, 0)]
    [InlineData(600, 400, 600, 400)]
    public void At_most_a_thousand_addresses_are_told_and_those_that_are_ready_first(int ready, int notReady, int readyKept, int notReadyKept)
    {
        List<EndpointSubset> subsets =
        [
            new() { Addresses = Many(ready / 2), NotReadyAddresses = Many(notReady / 2), Ports = [Http] },
            new() { Addresses = Many(ready / 2), NotReadyAddresses = Many(notReady / 2), Ports = [Https] },
        ];
        Assert.Equal(ready + notReady > 1000, EndpointSubsets.Truncate(subsets));
        Assert.Equal((readyKept, notReadyKept), (subsets.Sum(one => one.Addresses?.Count ?? 0), subsets.Sum(one => one.NotReadyAddresses?.Count ?? 0)));
    }

    private static List<EndpointAddress> Many(int count) => [.. Enumerable.Range(0, count).Select(i => new EndpointAddress { Ip = $"10.1.{i / 256}.{i % 256}" })];

    private static EndpointSubset Of(string ip, bool ready, params SubsetPort[] ports) =>
        new() { Addresses = ready ? [new() { Ip = ip }] : null, NotReadyAddresses = ready ? null : [new() { Ip = ip }], Ports = [.. ports] };
}
