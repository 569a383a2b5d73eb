using System.Text;
using System.Text.Json.Nodes;
using Capstan;

namespace KubeTemplater.Tests.EndToEnd;

/// <summary>Fields that the template and others want.</summary>
public sealed class FieldOwnershipTests(SharedOperator shared) : IClassFixture<SharedOperator>
{
    private static readonly ResourceType _configMaps = new("", "v1", "ConfigMap", "configmaps", true);
    private static readonly ResourceType _deployments = new("apps", "v1", "Deployment", "deployments", true);
    private readonly OperatorUnderTest _under = shared.Running;

    [Fact]
    public async Task A_field_of_another_manager_fails_by_name_and_is_taken_with_adopt()
    {
        var ns = await _under.NamespaceWithPolicyAsync("adopts", Yaml.Allow("adopts", "v1/ConfigMap"));
        await _under.Client.ApplyAsync(_configMaps, new(ns, "a"), Body("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"theirs"}}"""), new() { FieldManager = "somebody" });
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a", "ours"))));

        var failed = await _under.ReportedAsync(ns, "t", "Failed", "conflict with \"somebody\"");
        Assert.Contains(".data.x", failed.Status!.Resources![0].Message, StringComparison.Ordinal);
        Assert.Equal("theirs", await ValueAsync(ns));

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries("adopt: true, " + Yaml.ConfigMap("a", "ours"))));

        await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal("ours", await ValueAsync(ns));
    }

    [Fact]
    public async Task R11_a_manual_edit_of_our_field_does_not_keep_a_change_of_the_template_back()
    {
        var ns = await _under.NamespaceWithPolicyAsync("edited", Yaml.Allow("edited", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a", "1"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.Client.PatchAsync(_configMaps, new(ns, "a"), PatchType.Merge, Body("""{"data":{"x":"by hand"}}"""), new() { FieldManager = "kubectl-edit" });

        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a", "2"))));

        await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal("2", await ValueAsync(ns));
    }

    [Fact]
    public async Task An_object_that_took_the_name_of_ours_is_not_forced()
    {
        var ns = await _under.NamespaceWithPolicyAsync("renamed-by-others", Yaml.Allow("renamed-by-others", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a", "1"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.StopOperatorAsync();
        await _under.Client.DeleteAsync(_configMaps, new(ns, "a"));
        await _under.Client.ApplyAsync(_configMaps, new(ns, "a"), Body("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"theirs"}}"""), new() { FieldManager = "somebody" });
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Yaml.ConfigMap("a", "2"))));
        await _under.StartOperatorAsync();

        await _under.ReportedAsync(ns, "t", "Failed", "conflict with \"somebody\"");
        Assert.Equal("theirs", await ValueAsync(ns));
    }

    [Fact]
    public async Task R11_replicas_that_an_autoscaler_sets_are_made_once_and_then_left_to_it()
    {
        var ns = await _under.NamespaceWithPolicyAsync("scaled", Yaml.Allow("scaled", "apps/v1/Deployment"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("ignoreFields: [/spec/replicas]", 2, "v1"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal((2, "v1"), await DeploymentAsync(ns));

        await _under.Client.PatchAsync(_deployments, new(ns, "web"), PatchType.Merge, Body("""{"spec":{"replicas":5}}"""), new() { Subresource = "scale", FieldManager = "kube-controller-manager" });
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("ignoreFields: [/spec/replicas]", 3, "v2"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal((5, "v2"), await DeploymentAsync(ns));

        // Whoever applies them has no conflict with us, and an apply without them does not set them back.
        await _under.Client.ApplyAsync(_deployments, new(ns, "web"), Body("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":6}}"""), new() { FieldManager = "kube-controller-manager", Force = true });
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("ignoreFields: [/spec/replicas]", 3, "v3"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        Assert.Equal((6, "v3"), await DeploymentAsync(ns));
    }

    [Fact]
    public async Task Before_an_autoscaler_comes_ignored_replicas_keep_the_value_that_they_were_made_with()
    {
        var ns = await _under.NamespaceWithPolicyAsync("not-scaled", Yaml.Allow("not-scaled", "apps/v1/Deployment"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("ignoreFields: [/spec/replicas]", 4, "v1"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("ignoreFields: [/spec/replicas]", 3, "v2"))));
        await _under.ReportedAsync(ns, "t", "Completed");

        Assert.Equal((4, "v2"), await DeploymentAsync(ns));
        await _under.Client.ApplyAsync(_deployments, new(ns, "web"), Body("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1}}"""), new() { FieldManager = "anybody" });
    }

    [Fact]
    public async Task A_field_that_is_ignored_later_keeps_its_value()
    {
        var ns = await _under.NamespaceWithPolicyAsync("ignored-later", Yaml.Allow("ignored-later", "apps/v1/Deployment"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("replace: false", 4, "v1"))));
        await _under.ReportedAsync(ns, "t", "Completed");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("ignoreFields: [/spec/replicas, /spec/template/spec/containers/0/image]", 4, "v2"))));
        await _under.ReportedAsync(ns, "t", "Completed");

        Assert.Equal((4, "v1"), await DeploymentAsync(ns));
    }

    [Fact]
    public async Task A_pointer_that_makes_no_sense_is_refused()
    {
        var ns = await _under.NamespaceWithPolicyAsync("bad-pointer", Yaml.Allow("bad-pointer", "apps/v1/Deployment"));
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries(Deployment("ignoreFields: [spec.replicas]", 4, "v1"))));

        var failed = await _under.ReportedAsync(ns, "t", "Failed");
        Assert.Equal("InvalidTemplate", failed.Status!.Conditions!.Single(c => c.Type == "Ready").Reason);
    }

    [Fact]
    public async Task Referenced_is_left_out_where_Kubernetes_would_delete_the_object()
    {
        var ns = await _under.NamespaceWithPolicyAsync("owner-near", Yaml.Allow("owner-near, owner-far", "v1/ConfigMap"));
        await _under.Cluster.InstallAsync("{apiVersion: v1, kind: Namespace, metadata: {name: owner-far}}");
        await _under.Cluster.InstallAsync(Yaml.Template(ns, "t", Yaml.Entries("referenced: true, " + Yaml.ConfigMap("a"), "referenced: true, " + Yaml.ConfigMap("a", ns: "owner-far"))));
        await _under.ReportedAsync(ns, "t", "Completed");

        Assert.Single((await _under.Client.GetAsync(_configMaps, new(ns, "a"))).OwnerReferences);
        Assert.Empty((await _under.Client.GetAsync(_configMaps, new("owner-far", "a"))).OwnerReferences);
    }

    private async Task<string?> ValueAsync(string ns) => (string?)(await _under.Client.GetAsync(_configMaps, new(ns, "a"))).ToJson()["data"]!["x"];

    private async Task<(int Replicas, string? Tag)> DeploymentAsync(string ns)
    {
        var spec = (await _under.Client.GetAsync(_deployments, new(ns, "web"))).ToJson()["spec"]!;
        return ((int)spec["replicas"]!, ((string?)((JsonArray)spec["template"]!["spec"]!["containers"]!)[0]!["image"])?.Split(':')[^1]);
    }

    private static ReadOnlyMemory<byte> Body(string json) => Encoding.UTF8.GetBytes(json);

    private static string Deployment(string options, int replicas, string tag) => $$$$$$"""
        {{{{{{options}}}}}}, object: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: {{{{{{replicas}}}}}}, selector: {matchLabels: {app: web}},
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "reg.local/web:{{{{{{tag}}}}}}"}]} } } }
        """;
}
