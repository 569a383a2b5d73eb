using System.Text.Json.Nodes;
using Capstan.Applying;
using Xunit;

namespace Capstan.Runtime.Tests.Applying;

/// <summary>Trap 32: who may own whom is known before anything is written.</summary>
public sealed class OwnersTests
{
    [Fact]
    public void Trap32_an_owner_in_the_namespace_is_referred_to_by_uid_and_may_be_waited_for()
    {
        var dependent = Map("a", "ns");
        Owners.SetController(Map("owner", "ns", "u1"), dependent);
        Assert.Equal(new() { ApiVersion = "v1", Kind = "ConfigMap", Name = "owner", Uid = "u1", Controller = true, BlockOwnerDeletion = true }, Owners.ControllerOf(dependent));
        Owners.Add(Map("second", "ns", "u2"), dependent);
        Assert.Equal(["u1", "u2"], dependent.Metadata.OwnerReferences!.Select(one => one.Uid));
        Assert.Null(dependent.Metadata.OwnerReferences![1].Controller);
        Assert.Null(dependent.Metadata.OwnerReferences![1].BlockOwnerDeletion);
        Assert.True(Owners.Remove(Map("second", "ns", "u2"), dependent));
        Assert.False(Owners.Remove(Map("second", "ns", "u2"), dependent));
    }

    [Fact]
    public void Trap32_another_owner_of_the_same_name_takes_the_place_of_the_former()
    {
        var dependent = Map("a", "ns");
        Owners.SetController(Map("owner", "ns", "u1"), dependent);
        Owners.SetController(Map("owner", "ns", "u2"), dependent);
        Assert.Equal("u2", Assert.Single(dependent.Metadata.OwnerReferences!).Uid);
    }

    [Fact]
    public void Trap32_there_is_one_controller()
    {
        var dependent = Map("a", "ns");
        Owners.SetController(Map("owner", "ns", "u1"), dependent);
        var error = Assert.Throws<OwnershipException>(() => Owners.SetController(Map("other", "ns", "u2"), dependent));
        Assert.Equal("ConfigMap other cannot control ns/a: ConfigMap owner does", error.Message);
        Assert.Single(dependent.Metadata.OwnerReferences!);
    }

    [Fact]
    public void Trap32_what_the_garbage_collector_would_not_find_is_refused_with_the_reason()
    {
        Assert.Equal(
            "ConfigMap one/owner cannot own ConfigMap two/a: they are in different namespaces",
            Assert.Throws<OwnershipException>(() => Owners.SetController(Map("owner", "one", "u"), Map("a", "two"))).Message);
        Assert.Equal(
            "ConfigMap ns/owner cannot own ConfigMap ns/a: it has no uid, so it is not as the server has it",
            Assert.Throws<OwnershipException>(() => Owners.SetController(Map("owner", "ns"), Map("a", "ns"))).Message);
        var nodes = new ResourceType("", "v1", "Node", "nodes", Namespaced: false);
        Assert.Equal(
            "ConfigMap ns/owner cannot own Node n: what is in no namespace has no owner in one",
            Assert.Throws<OwnershipException>(() => Owners.SetController(Map("owner", "ns", "u"), nodes, new() { ["metadata"] = new JsonObject { ["name"] = "n" } })).Message);
    }

    [Fact]
    public void Trap32_a_manifest_gets_the_reference_beside_those_that_it_has()
    {
        var manifest = JsonNode.Parse("""{"metadata":{"name":"a","namespace":"ns","ownerReferences":[{"apiVersion":"apps/v1","kind":"ConfigMap","name":"owner","uid":"x"}]}}""")!.AsObject();
        Owners.SetController(Map("owner", "ns", "u"), ConfigMap.Resource, manifest, blockOwnerDeletion: false);
        Assert.Equal(
            """[{"apiVersion":"apps/v1","kind":"ConfigMap","name":"owner","uid":"x"},{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"u","controller":true}]""",
            manifest["metadata"]!["ownerReferences"]!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Trap32_the_server_takes_the_reference_as_it_is(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var cancel = TestContext.Current.CancellationToken;
        var owner = await server.Client.CreateAsync(Map("owner", server.Namespace), cancellationToken: cancel);
        var dependent = Map("a", server.Namespace);
        Owners.SetController(owner, dependent);
        var stored = await new Applier(server.Client, "test").ApplyAsync(dependent, cancel);
        Assert.Equal(owner.Metadata.Uid, Owners.ControllerOf(stored)!.Uid);
    }

    private static ConfigMap Map(string name, string @namespace, string? uid = null) => new() { Metadata = new() { Name = name, Namespace = @namespace, Uid = uid } };
}
