using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Commands;

public sealed class ChangeTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Create_makes_an_object_once()
    {
        var kubectl = await cluster.KubectlAsync();
        Assert.Equal("configmap/a created", await kubectl.DoAsync("create", "configmap", "a", "--from-literal=mode=slow"));
        (await kubectl.TryAsync("create", "configmap", "a")).Refused("""configmaps "a" already exists""");
        Assert.Equal("secret/s created", await kubectl.DoAsync("create", "secret", "generic", "s", "--from-literal=password=example"));
        Assert.Equal("ZXhhbXBsZQ==", await kubectl.FieldAsync("secret", "s", ".data.password"));
        Assert.Equal("deployment.apps/web created", await kubectl.DoAsync("create", "deployment", "web", "--image=registry.local/web:1.0"));
        Assert.Equal("1", await kubectl.FieldAsync("deployment", "web", ".spec.replicas"));
        Assert.Equal("1", await kubectl.FieldAsync("deployment", "web", ".metadata.generation"));
    }

    [Fact]
    public async Task A_bad_name_is_refused_with_the_rule()
    {
        var kubectl = await cluster.KubectlAsync();
        (await kubectl.TryAsync("create", "configmap", "Not_A_Name")).Refused("a lowercase RFC 1123 subdomain must consist of");
    }

    [Fact]
    public async Task Merge_json_and_strategic_patches_change_each_in_its_own_way()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.Deployment("web", 1), "apply", "-f", "-");
        Assert.Equal("deployment.apps/web patched", await kubectl.DoAsync("patch", "deployment", "web", "--type=merge", "-p", """{"spec":{"replicas":4}}"""));
        Assert.Equal("4", await kubectl.FieldAsync("deployment", "web", ".spec.replicas"));
        Assert.Equal("deployment.apps/web patched (no change)", await kubectl.DoAsync("patch", "deployment", "web", "--type=merge", "-p", """{"spec":{"replicas":4}}"""));

        const string Json = """[{"op":"test","path":"/spec/replicas","value":4},{"op":"replace","path":"/spec/replicas","value":2}]""";
        await kubectl.DoAsync("patch", "deployment", "web", "--type=json", "-p", Json);
        Assert.Equal("2", await kubectl.FieldAsync("deployment", "web", ".spec.replicas"));
        Assert.NotEqual(0, (await kubectl.TryAsync("patch", "deployment", "web", "--type=json", "-p", Json)).Code);

        const string Strategic = """{"spec":{"template":{"spec":{"containers":[{"name":"sidecar","image":"registry.local/sidecar:9"}]}}}}""";
        await kubectl.DoAsync("patch", "deployment", "web", "-p", Strategic);
        Assert.Equal("registry.local/web:1.0 registry.local/sidecar:9", await kubectl.FieldAsync("deployment", "web", ".spec.template.spec.containers[*].image"));
    }

    [Fact]
    public async Task Generation_grows_with_the_spec_and_not_with_labels()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.Deployment("web", 1), "apply", "-f", "-");
        await kubectl.DoAsync("label", "deployment", "web", "tier=front");
        Assert.Equal("1", await kubectl.FieldAsync("deployment", "web", ".metadata.generation"));
        await kubectl.DoAsync("scale", "deployment", "web", "--replicas=3");
        Assert.Equal("2", await kubectl.FieldAsync("deployment", "web", ".metadata.generation"));
    }

    [Fact]
    public async Task Labels_and_annotations_are_set_kept_from_overwriting_and_removed()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoAsync("create", "configmap", "a");
        foreach (var verb in (string[])["label", "annotate"])
        {
            var field = verb == "label" ? ".metadata.labels.tier" : ".metadata.annotations.tier";
            await kubectl.DoAsync(verb, "configmap", "a", "tier=front");
            Assert.Equal("front", await kubectl.FieldAsync("configmap", "a", field));
            (await kubectl.TryAsync(verb, "configmap", "a", "tier=back")).Refused("--overwrite is false");
            await kubectl.DoAsync(verb, "configmap", "a", "tier=back", "--overwrite");
            Assert.Equal("back", await kubectl.FieldAsync("configmap", "a", field));
            await kubectl.DoAsync(verb, "configmap", "a", "tier-");
            Assert.Equal("", await kubectl.FieldAsync("configmap", "a", field));
        }

        (await kubectl.TryAsync("label", "configmap", "a", $"tier={new string('x', 64)}")).Refused("must be no more than 63 characters");
    }

    [Fact]
    public async Task Edit_stores_what_the_editor_leaves()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoAsync("create", "configmap", "a", "--from-literal=mode=slow");
        var edited = await kubectl.TryInAsync(new Dictionary<string, string> { ["KUBE_EDITOR"] = "sed -i s/slow/fast/" }, "edit", "configmap", "a");
        Assert.Equal("configmap/a edited", edited.Success().Out);
        Assert.Equal("fast", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
        var same = await kubectl.TryInAsync(new Dictionary<string, string> { ["KUBE_EDITOR"] = "true" }, "edit", "configmap", "a");
        Assert.Contains("Edit cancelled, no changes made", same.Success().Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replace_of_an_old_version_is_a_conflict()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoAsync("create", "configmap", "a", "--from-literal=mode=slow");
        var old = await kubectl.DoAsync("get", "configmap", "a", "-o", "json");
        await kubectl.DoAsync("patch", "configmap", "a", "-p", """{"data":{"mode":"fast"}}""");
        (await kubectl.TryWithAsync(old, "replace", "-f", "-")).Refused("the object has been modified; please apply your changes to the latest version and try again");
        var fresh = await kubectl.DoAsync("get", "configmap", "a", "-o", "json");
        Assert.Equal("configmap/a replaced", await kubectl.DoWithAsync(fresh.Replace("fast", "faster", StringComparison.Ordinal), "replace", "-f", "-"));
        Assert.Equal("faster", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
    }
}
