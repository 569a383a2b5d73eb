using System.Text;
using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>R13: what a template no longer names.</summary>
public sealed class PruneTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task R13_what_is_dropped_or_renamed_is_deleted_and_the_inventory_costs_one_call_when_something_new_is_made()
    {
        var ns = await _under.NamespaceWithPolicyAsync("pruned", Yaml.Allow("pruned", "v1/ConfigMap"));
        var before = await CallsAsync();

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("a"), Yaml.ConfigMap("b"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        var made = await CallsAsync();
        Assert.Equal((2, 2, 0), Minus(made, before)); // R + 2

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("a"), Yaml.ConfigMap("renamed"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        var renamed = await CallsAsync();
        Assert.Equal((2, 2, 1), Minus(renamed, made));
        Assert.Equal(["a", "renamed"], await NamesAsync(ns));

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("a"))));
        var completed = await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal((1, 1, 1), Minus(await CallsAsync(), renamed)); // nothing new: nothing to announce
        Assert.Equal(["a"], await NamesAsync(ns));
        Assert.Equal("a", Assert.Single(completed.Status!.Resources!).Name);
    }

    [Fact]
    public async Task Without_prune_what_is_dropped_stays()
    {
        var ns = await _under.NamespaceWithPolicyAsync("not-pruned", Yaml.Allow("not-pruned", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a"), Yaml.ConfigMap("b"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a"))));
        await _under.ReportedAsync(ns, "t", "Completed");

        Assert.Equal(["a", "b"], await NamesAsync(ns));
    }

    [Fact]
    public async Task What_does_not_carry_our_labels_or_is_another_object_by_now_is_left_alone()
    {
        var ns = await _under.NamespaceWithPolicyAsync("taken-over", Yaml.Allow("taken-over", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("a"), Yaml.ConfigMap("relabelled"), Yaml.ConfigMap("remade"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.StopOperatorAsync();
        await _under.Client.PatchAsync(_configMaps, new(ns, "relabelled"), PatchType.Merge, Encoding.UTF8.GetBytes("""{"metadata":{"labels":{"kubetemplater.io/template-name":null}}}"""));
        var remade = (await _under.Client.GetAsync(_configMaps, new(ns, "remade"))).ToJson();
        await _under.Client.DeleteAsync(_configMaps, new(ns, "remade"));
        foreach (var field in new[] { "uid", "resourceVersion", "managedFields", "creationTimestamp" })
        {
            remade["metadata"]!.AsObject().Remove(field);
        }

        await _under.Client.CreateAsync(_configMaps, DynamicObject.From(remade));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("a"))));
        await _under.StartOperatorAsync();

        var completed = await _under.ReportedAsync(ns, "t", "Completed");

        Assert.Equal(["a", "relabelled", "remade"], await NamesAsync(ns));
        Assert.Single(completed.Status!.Resources!);
    }

    [Fact]
    public async Task What_finalizers_hold_is_waited_for_by_name_without_a_worker()
    {
        var ns = await _under.NamespaceWithPolicyAsync("prune-held", Yaml.Allow("prune-held", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("a"), Yaml.ConfigMap("held"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await FinalizersAsync(new(ns, "held"), "\"example.com/hold\"");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("a"))));

        var waiting = await _under.ReportedAsync(ns, "t", "Processing", "ConfigMap prune-held/held is being deleted, held by the finalizers example.com/hold");
        Assert.Equal(["a", "held"], waiting.Status!.Resources!.Select(r => r.Name));

        await FinalizersAsync(new(ns, "held"), "");

        var completed = await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal("a", Assert.Single(completed.Status!.Resources!).Name);
    }

    [Fact]
    public async Task Nothing_is_deleted_while_something_fails()
    {
        var ns = await _under.NamespaceWithPolicyAsync("prune-fails", Yaml.Allow("prune-fails", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("old"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries("object: {apiVersion: v1, kind: ConfigMap, metadata: {name: new}, data: {\"not a key\": \"1\"}}")));

        var failed = await _under.ReportedAsync(ns, "t", "Failed", "not a key");
        Assert.Equal([("new", ResourceStates.Failed), ("old", ResourceStates.Blocked)], failed.Status!.Resources!.Select(r => (r.Name, r.State!)));
        Assert.Equal(["old"], await NamesAsync(ns));

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("new"))));

        await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal(["new"], await NamesAsync(ns));
    }

    [Fact]
    public async Task What_another_template_waits_for_is_left_to_it()
    {
        var ns = await _under.NamespaceWithPolicyAsync("handed-over", Yaml.Allow("handed-over", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "a-elder", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("own"), Yaml.ConfigMap("shared", "elder"))));
        await _under.ReportedAsync(ns, "a-elder", "Completed");
        var uid = (await _under.Client.GetAsync(_configMaps, new(ns, "shared"))).Uid;
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "younger", Yaml.Entries(Yaml.ConfigMap("shared", "younger"))));
        await _under.ReportedAsync(ns, "younger", "Failed", "a-elder");

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "a-elder", "prune: true, " + Yaml.Entries(Yaml.ConfigMap("own"))));

        await _under.ReportedAsync(ns, "a-elder", "Completed");
        await _under.ReportedAsync(ns, "younger", "Completed");
        Assert.Equal(uid, (await _under.Client.GetAsync(_configMaps, new(ns, "shared"))).Uid);
    }

    private async Task FinalizersAsync(ObjectKey key, string finalizers) =>
        await _under.Client.PatchAsync(_configMaps, key, PatchType.Merge, Encoding.UTF8.GetBytes($$$"""{"metadata":{"finalizers":[{{{finalizers}}}]}}"""));

    private async Task<List<string>> NamesAsync(string ns) =>
        [.. (await _under.Client.ListAsync(_configMaps, new() { Namespace = ns })).Items.Select(o => o.Key.Name).Where(name => name != "kube-root-ca.crt")];

    private async Task<(long Applies, long Status, long Deletions)> CallsAsync() => (
        await _under.ServerCountAsync("APPLY", "configmaps"),
        await _under.ServerCountAsync("PATCH", "kubetemplates", "status"),
        await _under.ServerCountAsync("DELETE", "configmaps"));

    private static (long, long, long) Minus((long Applies, long Status, long Deletions) after, (long Applies, long Status, long Deletions) before) =>
        (after.Applies - before.Applies, after.Status - before.Status, after.Deletions - before.Deletions);
}
