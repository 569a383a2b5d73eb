using Capstan;
using KubeTemplater.Resources;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>In which order the objects of a template are made, and what becomes of those behind one that fails.</summary>
public sealed class OrderTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task A_failure_ends_the_run_after_its_step_and_what_was_not_tried_is_blocked_by_it()
    {
        var ns = await _under.NamespaceWithPolicyAsync("steps", Yaml.Allow("steps", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(
            "id: last, dependsOn: [broken], " + Yaml.ConfigMap("last"),
            "id: broken, object: {apiVersion: v1, kind: ConfigMap, metadata: {name: broken}, data: {\"not a key\": \"1\"}}",
            "id: beside, " + Yaml.ConfigMap("beside"),
            "id: far, dependsOn: [beside], " + Yaml.ConfigMap("far"))));

        var failed = await _under.ReportedAsync(ns, "t", "Failed");
        var resources = failed.Status!.Resources!;

        Assert.Equal(["last", "broken", "beside", "far"], resources.Select(r => r.Id));
        Assert.Equal([ResourceStates.Blocked, ResourceStates.Failed, ResourceStates.Applied, ResourceStates.Blocked], resources.Select(r => r.State));
        Assert.Equal("waits for template[1] ConfigMap steps/broken", resources[0].Message);
        Assert.Equal("waits for template[1] ConfigMap steps/broken", resources[3].Message);
        Assert.Equal((await _under.Client.GetAsync(_configMaps, new(ns, "beside"))).Uid, resources[2].Uid);
        Assert.Equal(("", "v1", "ConfigMap", ns, "beside"), (resources[2].Group, resources[2].Version, resources[2].Kind, resources[2].Namespace, resources[2].Name));
        Assert.Equal(1, failed.Status.ResourcesSynced);

        var applies = await _under.ServerCountAsync("APPLY", "configmaps");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries("id: broken, " + Yaml.ConfigMap("broken"), "id: last, dependsOn: [broken], " + Yaml.ConfigMap("last"))));

        var completed = await _under.ReportedAsync(ns, "t", "Completed");
        Assert.All(completed.Status!.Resources!, r => Assert.Equal((ResourceStates.Applied, null), (r.State, r.Message)));
        Assert.Equal(2, await _under.ServerCountAsync("APPLY", "configmaps") - applies);
    }

    [Fact]
    public async Task A_namespace_is_made_before_what_is_in_it_wherever_it_stands()
    {
        var ns = await _under.NamespaceWithPolicyAsync("makes-namespaces", Yaml.Allow("\"*\"", "v1/ConfigMap", "v1/Namespace"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(
            Yaml.ConfigMap("inside", ns: "made-by-template"), "object: {apiVersion: v1, kind: Namespace, metadata: {name: made-by-template}}")));

        var completed = await _under.ReportedAsync(ns, "t", "Completed");

        Assert.Equal(["made-by-template", null], completed.Status!.Resources!.Select(r => r.Namespace));
    }

    [Fact]
    public async Task A_retry_does_not_apply_again_what_was_applied()
    {
        var ns = await _under.NamespaceWithPolicyAsync("retried", Yaml.Allow("retried, retried-later", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("here"), "dependsOn: [\"0\"], " + Yaml.ConfigMap("there", ns: "retried-later"))));
        var failed = await _under.ReportedAsync(ns, "t", "Failed", "retried-later");
        var version = (await _under.Client.GetAsync(_configMaps, new(ns, "here"))).ToJson()["metadata"]!["managedFields"]!.ToJsonString();

        await _under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: retried-later}}");

        var completed = await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal(failed.Status!.Resources![0], completed.Status!.Resources![0]);
        Assert.Equal(version, (await _under.Client.GetAsync(_configMaps, new(ns, "here"))).ToJson()["metadata"]!["managedFields"]!.ToJsonString());
    }
}
