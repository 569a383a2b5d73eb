using Capstan.Cluster.Kinds;
using Capstan.Cluster.Services;

namespace Capstan.Cluster.Tests.Services;

public sealed class SlicePackingTests
{
    [Fact]
    public void What_is_new_goes_into_the_slice_that_has_just_room_enough()
    {
        var slices = new[] { Slice("a", 0..50), Slice("b", 100..190), Slice("c", 200..300) };
        var changes = Pack(slices, [.. Numbers(0..50), .. Numbers(100..190), .. Numbers(200..300), .. Numbers(300..310)]);
        Assert.Empty(changes.Create);
        Assert.Empty(changes.Delete);
        Assert.Equal(("b", 100), (Assert.Single(changes.Update).Metadata.Name, changes.Update[0].Endpoints!.Count));
    }

    [Fact]
    public void What_is_new_goes_first_into_a_slice_that_is_written_anyway()
    {
        var changes = Pack([Slice("a", 0..99), Slice("b", 100..110)], [.. Numbers(0..99), .. Numbers(101..110), 500, 501]);
        Assert.Equal(("b", 11), (Assert.Single(changes.Update).Metadata.Name, changes.Update[0].Endpoints!.Count));
        Assert.Empty(changes.Create);
    }

    [Fact]
    public void Two_hundred_and_fifty_new_ones_are_three_slices_and_one_that_loses_all_goes()
    {
        var changes = Pack([Slice("a", 0..5)], Numbers(1000..1250));
        Assert.Equal([100, 100, 50], changes.Create.Select(slice => slice.Endpoints!.Count).Order().Reverse());
        Assert.Equal("a", Assert.Single(changes.Delete).Metadata.Name);
        Assert.Empty(changes.Update);
    }

    [Fact]
    public void Whatever_changes_every_endpoint_is_in_one_slice_and_no_slice_is_too_full()
    {
        var random = new Random(7);
        var slices = new List<EndpointSlice>();
        var writes = 0;
        for (var round = 0; round < 300; round++)
        {
            var wanted = Enumerable.Range(0, 600).Where(_ => random.Next(600) < random.Next(600)).ToArray();
            var changes = Pack(slices, wanted);
            writes += changes.Create.Count + changes.Update.Count + changes.Delete.Count;
            slices = [.. slices.Where(slice => !changes.Delete.Contains(slice) && changes.Update.All(one => one.Metadata.Name != slice.Metadata.Name)), .. changes.Update];
            foreach (var made in changes.Create)
            {
                made.Metadata.Name = $"s{round}-{slices.Count}";
                slices.Add(made);
            }

            Assert.Equal(wanted, slices.SelectMany(slice => slice.Endpoints!).Select(endpoint => int.Parse(endpoint.TargetRef!.Name!, null)).Order());
            Assert.All(slices, slice => Assert.InRange(slice.Endpoints!.Count, 1, SlicePacking.MaxEndpoints));
            var again = Pack(slices, wanted);
            Assert.Equal(0, again.Create.Count + again.Update.Count + again.Delete.Count);
        }

        Assert.NotEqual(0, writes);
    }

    private static int[] Numbers(Range range) => [.. Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value)];

    private static EndpointSlice Slice(string name, Range range) =>
        new() { Metadata = new() { Name = name }, Endpoints = [.. Numbers(range).Select(Endpoint)] };

    private static Endpoint Endpoint(int number) =>
        new() { Addresses = [$"10.0.{number / 256}.{number % 256}"], Conditions = new() { Ready = true }, TargetRef = new() { Kind = "Pod", Name = $"{number}" } };

    private static SliceChanges Pack(IEnumerable<EndpointSlice> slices, int[] wanted) =>
        SlicePacking.Pack(slices, wanted.Select(Endpoint).ToDictionary(endpoint => endpoint.Identity), static _ => null, static () => new());
}
