using System.Text;
using Capstan.Cluster.Cleanup.Garbage;

namespace Capstan.Cluster.Tests.Cleanup.Garbage;

/// <summary>One look at one object, with a graph that is behind the server: the server's word decides.</summary>
public sealed class ObjectSweepTests
{
    private readonly List<string> _woken = [];
    private readonly AbsentOwners _absent = new();
    private readonly OwnerGraph _graph;
    private bool _isComplete = true;

    public ObjectSweepTests() => _graph = new(_woken.Add, _absent);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_that_the_graph_has_lost_but_the_server_has_keeps_its_dependants()
    {
        await using var family = await Family.StartAsync(controllers: false);
        var owner = await SeenAsync(family.AddAsync("owner"));
        var child = await SeenAsync(family.AddAsync("child", Family.Owner(owner)));

        // As after a list that was taken from a server that is behind.
        _graph.Replace(Family.ConfigMap.GroupResource, [OwnedObject.From(Family.ConfigMap, child)]);
        Assert.Contains(child.Uid!, _woken);
        Assert.False(await Sweep(family).RunAsync(child.Uid!, Stop), "a living owner that the graph has not seen is looked for again");
        Assert.Equal(["child", "owner"], await family.NamesAsync(Stop));
    }

    [Fact]
    public async Task A_dependant_that_has_found_another_owner_since_it_was_seen_stays()
    {
        await using var family = await Family.StartAsync(controllers: false);
        var owner = await SeenAsync(family.AddAsync("owner"));
        var child = await SeenAsync(family.AddAsync("child", Family.Owner(owner)));
        var heir = await SeenAsync(family.AddAsync("heir"));
        await family.PatchAsync(child, $$$"""{"metadata":{"ownerReferences":[{{{Family.Owner(heir).ToJsonString()}}}]}}""");
        await family.DeleteAsync(owner, "Background");
        _graph.Remove(owner.Uid!);
        Assert.True(await Sweep(family).RunAsync(child.Uid!, Stop));
        Assert.Equal(["child", "heir"], await family.NamesAsync(Stop));
    }

    [Fact]
    public async Task A_new_object_under_the_name_of_the_one_that_was_seen_is_not_touched()
    {
        await using var family = await Family.StartAsync(controllers: false);
        var owner = await SeenAsync(family.AddAsync("owner"));
        var child = await SeenAsync(family.AddAsync("child", Family.Owner(owner)));
        await family.DeleteAsync(child, "Background");
        await family.DeleteAsync(owner, "Background");
        await family.AddAsync("child");
        _graph.Remove(owner.Uid!);
        Assert.True(await Sweep(family).RunAsync(child.Uid!, Stop));
        Assert.Equal(["child"], await family.NamesAsync(Stop));
        Assert.Null(_graph.Find(child.Uid!));
    }

    [Theory]
    [InlineData("Orphan")]
    [InlineData("Foreground")]
    public async Task While_the_graph_is_incomplete_no_deletion_that_waits_for_dependants_is_ended(string policy)
    {
        await using var family = await Family.StartAsync(controllers: false);
        var owner = await family.AddAsync("owner");
        var child = await family.AddAsync("child", Family.Owner(owner, blocks: true));
        await family.DeleteAsync(owner, policy);
        owner = await SeenAsync(family.Client.GetAsync(Family.ConfigMap, owner.Key, Stop));
        _isComplete = false;
        Assert.False(await Sweep(family).RunAsync(owner.Uid!, Stop));
        Assert.Equal(["child", "owner"], await family.NamesAsync(Stop));

        // The watch that was lost is back.
        _isComplete = true;
        await SeenAsync(Task.FromResult(child));
        Assert.True(await Sweep(family).RunAsync(owner.Uid!, Stop));
        Assert.True(await Sweep(family).RunAsync(child.Uid!, Stop));
        Assert.Equal(policy == "Orphan" ? ["child"] : ["owner"], await family.NamesAsync(Stop));
    }

    [Fact]
    public async Task What_the_graph_knows_to_be_well_costs_no_request()
    {
        using var nobody = new KubeClient(new KubeConfig { Server = new Uri("https://127.0.0.1:1") });
        var sweep = new ObjectSweep(nobody, _graph, _absent, () => true, _woken.Add);
        _graph.Put(Read("""{"metadata":{"name":"owner","namespace":"default","uid":"o"}}"""));
        _graph.Put(Read("""{"metadata":{"name":"child","namespace":"default","uid":"c","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"o"}]}}"""));
        Assert.True(await sweep.RunAsync("o", Stop));
        Assert.True(await sweep.RunAsync("c", Stop));

        // A name that is not the owner's is a doubt, and a doubt costs one.
        _graph.Put(Read("""{"metadata":{"name":"other","namespace":"default","uid":"d","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owned","uid":"o"}]}}"""));
        await Assert.ThrowsAsync<HttpRequestException>(() => sweep.RunAsync("d", Stop));
    }

    private static OwnedObject Read(string json) => OwnedObject.From(Family.ConfigMap, DynamicObject.Parse(Encoding.UTF8.GetBytes(json)));

    private ObjectSweep Sweep(Family family) => new(family.Client, _graph, _absent, () => _isComplete, _woken.Add);

    private async Task<DynamicObject> SeenAsync(Task<DynamicObject> made)
    {
        var found = await made;
        _graph.Put(OwnedObject.From(Family.ConfigMap, found));
        return found;
    }
}
