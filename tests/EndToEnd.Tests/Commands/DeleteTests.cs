using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Commands;

public sealed class DeleteTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Delete_takes_one_by_name_some_by_label_or_all()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(string.Concat(Enumerable.Range(0, 6).Select(i => Manifests.ConfigMap($"c{i}", "x", i < 3 ? "low" : "high"))), "apply", "-f", "-");
        Assert.Equal("configmap \"c0\" deleted", await kubectl.DoAsync("delete", "configmap", "c0"));
        (await kubectl.TryAsync("delete", "configmap", "c0")).Refused("not found");
        await kubectl.DoAsync("delete", "configmap", "c0", "--ignore-not-found");
        await kubectl.DoAsync("delete", "configmaps", "-l", "app=low");
        Assert.Equal("c3 c4 c5", await kubectl.DoAsync("get", "configmaps", "-l", "app", "-o", "jsonpath={.items[*].metadata.name}"));
        await kubectl.DoAsync("delete", "configmaps", "--all");
        Assert.Equal("", await kubectl.DoAsync("get", "configmaps", "-l", "app", "-o", "name"));
    }

    [Fact]
    public async Task A_finalizer_holds_an_object_until_it_is_removed()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync("---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [example.com/hold]}}", "create", "-f", "-");
        await kubectl.DoAsync("delete", "configmap", "held", "--wait=false");
        Assert.NotEqual("", await kubectl.FieldAsync("configmap", "held", ".metadata.deletionTimestamp"));
        await using var waiting = kubectl.Start("wait", "--for=delete", "configmap/held", "--timeout=30s");
        await kubectl.DoAsync("patch", "configmap", "held", "--type=json", "-p", """[{"op":"remove","path":"/metadata/finalizers"}]""");
        Assert.Equal(0, await waiting.ExitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        (await kubectl.TryAsync("get", "configmap", "held")).Refused("not found");
    }

    [Fact]
    public async Task A_deleted_namespace_takes_its_objects_along()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "x") + Manifests.ConfigMap("b", "x"), "apply", "-f", "-");
        await kubectl.DoAsync("create", "deployment", "web", "--image=registry.local/web:1.0");
        await kubectl.DoAsync("delete", "namespace", kubectl.Namespace, "--timeout=50s");
        (await kubectl.TryAsync("get", "namespace", kubectl.Namespace)).Refused("not found");
        await kubectl.DoAsync("create", "namespace", kubectl.Namespace);
        Assert.Equal("", await kubectl.DoAsync("get", "deployments,configmaps", "-l", "app", "-o", "name"));
    }

    [Fact]
    public async Task A_namespace_that_terminates_takes_no_new_objects_and_waits_for_finalizers()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync("---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [example.com/hold]}}", "create", "-f", "-");
        await kubectl.DoAsync("delete", "namespace", kubectl.Namespace, "--wait=false");
        await kubectl.DoAsync("wait", "--for=jsonpath={.status.phase}=Terminating", $"namespace/{kubectl.Namespace}", "--timeout=30s");
        (await kubectl.TryAsync("create", "configmap", "late")).Refused("because it is being terminated");
        await kubectl.DoAsync("wait", "--for=jsonpath={.metadata.deletionTimestamp}", "configmap/held", "--timeout=30s");
        await kubectl.DoAsync("patch", "configmap", "held", "--type=json", "-p", """[{"op":"remove","path":"/metadata/finalizers"}]""");
        await kubectl.DoAsync("wait", "--for=delete", $"namespace/{kubectl.Namespace}", "--timeout=50s");
    }
}
