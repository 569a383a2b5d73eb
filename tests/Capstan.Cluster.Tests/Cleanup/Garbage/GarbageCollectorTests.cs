using System.Text.Json.Nodes;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Cleanup.Garbage;

public sealed class GarbageCollectorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dependants_of_dependants_go_after_their_owner_and_one_with_another_owner_loses_the_reference()
    {
        await using var family = await Family.StartAsync();
        var root = await family.AddAsync("root");
        var other = await family.AddAsync("other");
        var child = await family.AddAsync("child", Family.Owner(root));
        await family.AddAsync("grandchild", Family.Owner(child, blocks: true));
        await family.AddAsync("shared", Family.Owner(root), Family.Owner(other, blocks: true));
        await family.DeleteAsync(root, "Background");
        await family.OnlyAsync("other", "shared");
        await family.SeeAsync("to name one owner", "shared", found => found.OwnerReferences is [{ Name: "other", BlockOwnerDeletion: true }]);
        await family.DeleteAsync(other, "Background");
        await family.OnlyAsync();
    }

    [Fact]
    public async Task A_foreground_deletion_waits_for_the_dependants_that_block_it_and_for_no_others()
    {
        await using var family = await Family.StartAsync();
        var house = await family.AddAsync("house");
        var room = await family.AddAsync(Family.ConfigMap, new("default", "room"), ["example.com/hold"], Family.Owner(house, blocks: true));
        await family.AddAsync("chair", Family.Owner(room, blocks: true));
        await family.AddAsync(Family.ConfigMap, new("default", "garden"), ["example.com/hold"], Family.Owner(house, blocks: false));
        await family.DeleteAsync(house, "Foreground");

        // The room has a dependant, so that it goes in the foreground too.
        await family.OnlyAsync("house", "room", "garden");
        await family.SeeAsync("to be held by its own finalizer alone", "room", found => found.DeletionTimestamp is not null && found.Finalizers is ["example.com/hold"]);
        Assert.Equal(["foregroundDeletion"], (await family.Client.GetAsync(Family.ConfigMap, house.Key, Stop)).Finalizers);
        await family.PatchAsync(room, """{"metadata":{"finalizers":null}}""");
        await family.OnlyAsync("garden");
    }

    [Fact]
    public async Task Orphans_stay_without_their_owner_and_the_owner_goes()
    {
        await using var family = await Family.StartAsync();
        var parent = await family.AddAsync("parent");
        var other = await family.AddAsync("other");
        await family.AddAsync("one", Family.Owner(parent, blocks: true));
        await family.AddAsync("two", Family.Owner(parent), Family.Owner(other));
        await family.DeleteAsync(parent, "Orphan");
        await family.OnlyAsync("one", "two", "other");
        Assert.Empty((await family.Client.GetAsync(Family.ConfigMap, new("default", "one"), Stop)).OwnerReferences);
        Assert.Equal("other", Assert.Single((await family.Client.GetAsync(Family.ConfigMap, new("default", "two"), Stop)).OwnerReferences).Name);
    }

    [Fact]
    public async Task An_owner_that_never_was_or_has_another_uid_or_is_in_another_namespace_counts_as_absent()
    {
        await using var family = await Family.StartAsync();
        var alive = await family.AddAsync("alive");
        await family.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: far}}", Stop);
        var boss = await family.AddAsync(Family.ConfigMap, new("far", "boss"), []);
        var ghost = Family.Owner(alive);
        ghost["uid"] = "never-was";
        var impostor = ghost.DeepClone().AsObject();
        impostor["name"] = "ghost";
        var unknown = new JsonObject { ["apiVersion"] = "nowhere.example.com/v1", ["kind"] = "Nothing", ["name"] = "x", ["uid"] = "nothing" };
        await family.AddAsync("dreamer", impostor);
        await family.AddAsync("mistaken", ghost);
        await family.AddAsync("distant", Family.Owner(boss));
        await family.AddAsync("lucky", impostor.DeepClone().AsObject(), Family.Owner(alive));
        await family.AddAsync("puzzled", unknown);

        // Of an owner whose kind nobody knows nobody can say that it is absent.
        await family.OnlyAsync("alive", "lucky", "puzzled");
        await family.SeeAsync("to name the living owner alone", "lucky", found => found.OwnerReferences is [{ Name: "alive" }]);
        var events = new ResourceType("", "v1", "Event", "events", Namespaced: true);
        var told = await Eventually.SeeAsync(
            "the event about the owner in another namespace",
            async stop => (await family.Client.ListAsync(events, new ListOptions { Namespace = "default" }, stop)).Items.Select(found => found.ToJson()).Where(found => (string?)found["reason"] == "OwnerRefInvalidNamespace").ToList(),
            found => found.Count > 0,
            cancellationToken: Stop);
        Assert.Equal($"ownerRef [v1/ConfigMap, namespace: default, name: boss, uid: {boss.Uid}] does not exist in namespace \"default\"", (string?)told[0]["message"]);
        Assert.Equal("distant", (string?)told[0]["involvedObject"]!["name"]);
    }

    [Fact]
    public async Task A_cluster_scoped_object_is_never_collected_for_an_owner_in_a_namespace()
    {
        await using var family = await Family.StartAsync();
        var top = await family.AddAsync(Family.ClusterRole, ObjectKey.ClusterScoped("top"), []);
        var floor = await family.AddAsync("floor");
        await family.AddAsync("low", Family.Owner(top));
        await family.AddAsync(Family.ClusterRole, ObjectKey.ClusterScoped("odd"), [], Family.Owner(floor));
        await family.AddAsync(Family.ClusterRole, ObjectKey.ClusterScoped("even"), [], Family.Owner(top));
        await family.DeleteAsync(floor, "Background");
        await family.Client.DeleteAsync(Family.ClusterRole, top.Key, cancellationToken: Stop);
        await family.OnlyAsync();
        await Eventually.SeeAsync(
            "the dependant of a cluster-scoped owner to go and the other to stay",
            async stop => (await family.Client.ListAsync(Family.ClusterRole, cancellationToken: stop)).Items.Select(found => found.Key.Name).Where(name => name is "odd" or "even").ToList(),
            names => names is ["odd"],
            cancellationToken: Stop);
    }

    [Fact]
    public async Task A_finalizer_that_asks_for_orphans_is_honoured_unless_an_owner_waits()
    {
        await using var family = await Family.StartAsync();
        foreach (var (policy, left) in new[] { ("Background", (string[])["kept"]), ("Foreground", []) })
        {
            var top = await family.AddAsync("top");
            var loose = await family.AddAsync(Family.ConfigMap, new("default", "loose"), ["orphan"], Family.Owner(top, blocks: true));
            var kept = await family.AddAsync("kept", Family.Owner(loose));
            await family.DeleteAsync(top, policy);
            await family.OnlyAsync(left);
            if (left.Length > 0)
            {
                await family.DeleteAsync(kept, "Background");
            }
        }
    }

    [Fact]
    public async Task A_circle_of_owners_that_wait_for_each_other_is_cut()
    {
        await using var family = await Family.StartAsync();
        var one = await family.AddAsync("one");
        var two = await family.AddAsync("two", Family.Owner(one, blocks: true));
        await family.PatchAsync(one, new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray(Family.Owner(two, blocks: true)) } }.ToJsonString());
        await family.DeleteAsync(one, "Foreground");
        await family.OnlyAsync();
    }

    [Fact]
    public async Task An_owner_that_waits_for_its_dependants_may_be_told_to_go_at_once()
    {
        await using var family = await Family.StartAsync();
        var ship = await family.AddAsync("ship");
        var anchor = await family.AddAsync(Family.ConfigMap, new("default", "anchor"), ["example.com/hold"], Family.Owner(ship, blocks: true));
        await family.DeleteAsync(ship, "Foreground");
        await family.SeeAsync("to be deleted", "anchor", found => found.DeletionTimestamp is not null);
        await family.DeleteAsync(ship, "Background");
        await family.OnlyAsync("anchor");
        await family.PatchAsync(anchor, """{"metadata":{"finalizers":null}}""");
        await family.OnlyAsync();
    }

    [Fact]
    public async Task An_owner_that_waits_is_released_when_its_last_dependant_no_longer_blocks_it()
    {
        await using var family = await Family.StartAsync();
        var owner = await family.AddAsync("owner");
        var held = await family.AddAsync(Family.ConfigMap, new("default", "held"), ["example.com/hold"], Family.Owner(owner, blocks: true));
        await family.DeleteAsync(owner, "Foreground");
        await family.SeeAsync("to be deleted", "held", found => found.DeletionTimestamp is not null);
        await family.PatchAsync(held, """{"metadata":{"ownerReferences":null}}""");
        await family.OnlyAsync("held");
    }

    [Fact]
    public async Task What_happened_while_nobody_looked_is_made_up_for_at_the_start()
    {
        await using var family = await Family.StartAsync(controllers: false);
        var gone = await family.AddAsync("gone");
        var orphaned = await family.AddAsync("orphaned");
        var waiting = await family.AddAsync("waiting");
        await family.AddAsync("of-gone", Family.Owner(gone));
        await family.AddAsync("of-orphaned", Family.Owner(orphaned));
        await family.AddAsync("of-waiting", Family.Owner(waiting, blocks: true));
        await family.DeleteAsync(gone, "Background");
        await family.DeleteAsync(orphaned, "Orphan");
        await family.DeleteAsync(waiting, "Foreground");
        await using var controllers = await RunningOperator.StartAsync(ClusterControllers.Build(family.Client), Stop);
        await family.OnlyAsync("of-orphaned");
        Assert.Empty((await family.Client.GetAsync(Family.ConfigMap, new("default", "of-orphaned"), Stop)).OwnerReferences);
    }

    [Fact]
    public async Task Custom_resources_own_and_are_owned_as_soon_as_they_are_served_and_take_their_dependants_along_when_their_kind_goes()
    {
        await using var family = await Family.StartAsync();
        await family.Cluster.InstallAsync(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: trees.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {kind: Tree, plural: trees}
              versions:
              - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
            """,
            Stop);
        var trees = await family.Client.Discovery.GetAsync(new("example.com", "v1", "Tree"), Stop);
        var oak = await family.AddAsync(trees, new("default", "oak"), []);
        var elm = await family.AddAsync(trees, new("default", "elm"), []);
        await family.AddAsync("acorn", Family.Owner(oak));
        await family.AddAsync("leaf", Family.Owner(elm));
        await family.AddAsync(trees, new("default", "sapling"), [], Family.Owner(oak));
        await family.Client.DeleteAsync(trees, oak.Key, cancellationToken: Stop);
        await family.OnlyAsync("leaf");
        await Eventually.SeeAsync(
            "the sapling to go",
            async stop => (await family.Client.ListAsync(trees, cancellationToken: stop)).Items.Select(found => found.Key.Name).ToList(),
            names => names is ["elm"],
            cancellationToken: Stop);
        var definitions = new ResourceType("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);
        await family.Client.DeleteAsync(definitions, ObjectKey.ClusterScoped("trees.example.com"), cancellationToken: Stop);
        await family.OnlyAsync();
    }
}
