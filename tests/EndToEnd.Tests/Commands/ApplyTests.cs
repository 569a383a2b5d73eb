using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Commands;

public sealed class ApplyTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Client_side_apply_creates_then_sees_no_change_then_changes()
    {
        var kubectl = await cluster.KubectlAsync();
        Assert.Equal("configmap/a created", await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "-f", "-"));
        var created = await kubectl.FieldAsync("configmap", "a", ".metadata.resourceVersion");
        Assert.Equal("configmap/a unchanged", await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "-f", "-"));
        Assert.Equal(created, await kubectl.FieldAsync("configmap", "a", ".metadata.resourceVersion"));
        Assert.Equal("configmap/a configured", await kubectl.DoWithAsync(Manifests.ConfigMap("a", "fast"), "apply", "-f", "-"));
        Assert.Equal("fast", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
    }

    [Fact]
    public async Task Client_side_apply_merges_a_deployments_containers_by_name()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.Deployment("web", 1), "apply", "-f", "-");
        await kubectl.DoAsync("set", "image", "deployment/web", "sidecar=registry.local/sidecar:2.0");
        Assert.Equal("deployment.apps/web configured", await kubectl.DoWithAsync(Manifests.Deployment("web", 3), "apply", "-f", "-"));
        Assert.Equal("3", await kubectl.FieldAsync("deployment", "web", ".spec.replicas"));
        Assert.Equal("web sidecar", await kubectl.FieldAsync("deployment", "web", ".spec.template.spec.containers[*].name"));
        Assert.Equal("registry.local/sidecar:1.0", await kubectl.FieldAsync("deployment", "web", ".spec.template.spec.containers[1].image"));
    }

    [Fact]
    public async Task Server_side_apply_creates_changes_and_records_its_manager()
    {
        var kubectl = await cluster.KubectlAsync();
        Assert.Equal("configmap/a serverside-applied", await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "--server-side", "-f", "-"));
        var version = await kubectl.FieldAsync("configmap", "a", ".metadata.resourceVersion");
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "--server-side", "-f", "-");
        Assert.Equal(version, await kubectl.FieldAsync("configmap", "a", ".metadata.resourceVersion"));
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "fast"), "apply", "--server-side", "-f", "-");
        Assert.Equal("fast", await kubectl.FieldAsync("configmap", "a", ".data.mode"));

        var managed = (await kubectl.GetAsync("configmap", "a"))["metadata"]!["managedFields"]!.AsArray();
        var entry = Assert.Single(managed)!;
        Assert.Equal("kubectl", (string)entry["manager"]!);
        Assert.Equal("Apply", (string)entry["operation"]!);
        Assert.NotNull(entry["fieldsV1"]!["f:data"]!["f:mode"]);
    }

    [Fact]
    public async Task Server_side_apply_removes_what_its_manager_no_longer_says()
    {
        var kubectl = await cluster.KubectlAsync();
        const string Before = "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {keep: x, drop: gone}}";
        const string After = "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {keep: x}}";
        await kubectl.DoWithAsync(Before, "apply", "--server-side", "-f", "-");
        await kubectl.DoAsync("patch", "configmap", "a", "--type=merge", "-p", """{"data":{"other":"z"}}""");
        await kubectl.DoWithAsync(After, "apply", "--server-side", "-f", "-");
        Assert.Equal("""{"keep":"x","other":"z"}""", await kubectl.FieldAsync("configmap", "a", ".data"));
    }

    [Fact]
    public async Task Server_side_apply_refuses_a_field_of_another_manager_until_forced()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "--server-side", "--field-manager=first", "-f", "-");
        var refused = await kubectl.TryWithAsync(Manifests.ConfigMap("a", "fast"), "apply", "--server-side", "--field-manager=second", "-f", "-");
        refused.Refused("""conflict with "first": .data.mode""");
        Assert.Equal("slow", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "fast"), "apply", "--server-side", "--field-manager=second", "--force-conflicts", "-f", "-");
        Assert.Equal("fast", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
    }

    [Fact]
    public async Task Dry_run_on_the_server_stores_nothing()
    {
        var kubectl = await cluster.KubectlAsync();
        Assert.Equal("configmap/a created (server dry run)", await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "--dry-run=server", "-f", "-"));
        (await kubectl.TryAsync("get", "configmap", "a")).Refused("""configmaps "a" not found""");
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "-f", "-");
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "fast"), "apply", "--dry-run=server", "-f", "-");
        await kubectl.DoAsync("delete", "configmap", "a", "--dry-run=server");
        Assert.Equal("slow", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
    }

    [Fact]
    public async Task Apply_with_an_unknown_or_mistyped_field_names_the_field()
    {
        var kubectl = await cluster.KubectlAsync();
        var unknown = await kubectl.TryWithAsync("---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dat: {mode: x}}", "apply", "-f", "-");
        unknown.Refused("""unknown field "dat" """.TrimEnd());
        var mistyped = await kubectl.TryWithAsync(Manifests.Deployment("web", 1).Replace("replicas: 1", "replicas: many", StringComparison.Ordinal), "apply", "-f", "-");
        mistyped.Refused("replicas");
        (await kubectl.TryAsync("get", "deployment", "web")).Refused("not found");
    }

    [Fact]
    public async Task Diff_exits_0_without_a_difference_and_1_with_one()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "-f", "-");
        Assert.Equal(0, (await kubectl.TryWithAsync(Manifests.ConfigMap("a", "slow"), "diff", "-f", "-")).Code);
        foreach (var way in (string[][])[["diff", "-f", "-"], ["diff", "--server-side", "--force-conflicts", "-f", "-"]])
        {
            var differs = await kubectl.TryWithAsync(Manifests.ConfigMap("a", "fast"), way);
            Assert.True(differs.Code == 1, differs.ToString());
            Assert.Contains("-  mode: slow", differs.Out, StringComparison.Ordinal);
            Assert.Contains("+  mode: fast", differs.Out, StringComparison.Ordinal);
        }

        Assert.Equal("slow", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
    }
}
