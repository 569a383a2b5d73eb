using System.Text.Json.Nodes;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Commands;

public sealed class GetTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Version_names_the_server()
    {
        var kubectl = await cluster.KubectlAsync();
        var version = JsonNode.Parse(await kubectl.DoAsync("version", "-o", "json"))!;
        Assert.Matches("^v1\\.[0-9]+\\.[0-9]+", (string)version["serverVersion"]!["gitVersion"]!);
    }

    [Fact]
    public async Task Api_resources_lists_the_kinds_with_short_names_and_scope()
    {
        var kubectl = await cluster.KubectlAsync();
        var rows = (await kubectl.DoAsync("api-resources", "--no-headers")).Split('\n').Select(Columns).ToArray();
        string[][] expected =
        [
            ["namespaces", "ns", "v1", "false", "Namespace"],
            ["configmaps", "cm", "v1", "true", "ConfigMap"],
            ["secrets", "v1", "true", "Secret"],
            ["services", "svc", "v1", "true", "Service"],
            ["serviceaccounts", "sa", "v1", "true", "ServiceAccount"],
            ["events", "ev", "v1", "true", "Event"],
            ["pods", "po", "v1", "true", "Pod"],
            ["deployments", "deploy", "apps/v1", "true", "Deployment"],
            ["statefulsets", "sts", "apps/v1", "true", "StatefulSet"],
            ["leases", "coordination.k8s.io/v1", "true", "Lease"],
            ["customresourcedefinitions", "crd,crds", "apiextensions.k8s.io/v1", "false", "CustomResourceDefinition"],
        ];
        foreach (var row in expected)
        {
            Assert.Contains(row, rows);
        }
    }

    [Fact]
    public async Task A_table_has_the_kinds_own_columns_and_wide_has_more()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.Deployment("web", 2), "apply", "-f", "-");
        var table = (await kubectl.DoAsync("get", "deployments")).Split('\n').Select(Columns).ToArray();
        Assert.Equal(["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"], table[0]);
        Assert.Equal("web", table[1][0]);
        Assert.Equal("0/2", table[1][1]);
        var wide = (await kubectl.DoAsync("get", "deployments", "-o", "wide")).Split('\n').Select(Columns).ToArray();
        Assert.Equal(["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"], wide[0]);
        Assert.Equal(["web,sidecar", "registry.local/web:1.0,registry.local/sidecar:1.0", "app=web"], wide[1][^3..]);
    }

    [Fact]
    public async Task Yaml_json_name_and_jsonpath_show_the_same_object()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "slow"), "apply", "-f", "-");
        Assert.Contains("\ndata:\n  mode: slow\n", await kubectl.DoAsync("get", "configmap", "a", "-o", "yaml") + "\n", StringComparison.Ordinal);
        Assert.Equal("slow", (string)JsonNode.Parse(await kubectl.DoAsync("get", "configmap", "a", "-o", "json"))!["data"]!["mode"]!);
        Assert.Equal("configmap/a", await kubectl.DoAsync("get", "configmap", "a", "-o", "name"));
        Assert.Equal("slow", await kubectl.FieldAsync("configmap", "a", ".data.mode"));
        Assert.Equal("List", (string)JsonNode.Parse(await kubectl.DoAsync("get", "configmaps,secrets", "-o", "json"))!["kind"]!);
    }

    [Fact]
    public async Task All_namespaces_labels_and_fields_narrow_a_list()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.ConfigMap("a", "x", "one") + Manifests.ConfigMap("b", "x", "two") + Manifests.ConfigMap("c", "x", "three"), "apply", "-f", "-");
        Assert.Equal("configmap/a", await kubectl.DoAsync("get", "configmaps", "-l", "app=one", "-o", "name"));
        Assert.Equal("configmap/a\nconfigmap/b", await kubectl.DoAsync("get", "configmaps", "-l", "app in (one, two)", "-o", "name"));
        Assert.Equal("configmap/c", await kubectl.DoAsync("get", "configmaps", "-l", "app,app notin (one,two)", "-o", "name"));
        Assert.Equal("configmap/b", await kubectl.DoAsync("get", "configmaps", "--field-selector", "metadata.name=b", "-o", "name"));
        var everywhere = (await kubectl.DoAsync("get", "configmaps", "-A", "-l", "app=one")).Split('\n').Select(Columns).ToArray();
        Assert.Equal("NAMESPACE", everywhere[0][0]);
        Assert.Contains(everywhere, row => row[0] == kubectl.Namespace && row[1] == "a");
        var nothing = await kubectl.TryAsync("get", "configmaps", "-l", "app=none");
        Assert.Equal((0, $"No resources found in {kubectl.Namespace} namespace."), (nothing.Code, nothing.Err));
    }

    [Fact]
    public async Task A_watch_prints_what_changes_until_it_is_interrupted()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.Deployment("web", 1), "apply", "-f", "-");
        await using var watch = kubectl.Start("get", "deployments", "-w", "-o", "custom-columns=NAME:.metadata.name,REPLICAS:.spec.replicas");
        var wait = TimeSpan.FromSeconds(20);
        var stop = TestContext.Current.CancellationToken;
        await watch.LineAsync(line => Columns(line).SequenceEqual(["web", "1"]), wait, stop);
        await kubectl.DoAsync("scale", "deployment/web", "--replicas=5");
        await watch.LineAsync(line => Columns(line).SequenceEqual(["web", "5"]), wait, stop);
        await kubectl.DoWithAsync(Manifests.Deployment("later", 2), "apply", "-f", "-");
        await watch.LineAsync(line => Columns(line).SequenceEqual(["later", "2"]), wait, stop);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_what_is_not_served_is_not_a_kind()
    {
        var kubectl = await cluster.KubectlAsync();
        (await kubectl.TryAsync("get", "configmap", "none")).Refused("""Error from server (NotFound): configmaps "none" not found""");
        (await kubectl.TryAsync("get", "gizmos")).Refused("""the server doesn't have a resource type "gizmos" """.TrimEnd());
    }

    [Fact]
    public async Task Describe_tells_a_deployment_a_service_and_a_config_map()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.DoWithAsync(Manifests.Deployment("web", 2), "apply", "-f", "-");
        await kubectl.DoAsync("expose", "deployment", "web", "--port=80", "--target-port=8080");
        await kubectl.DoAsync("create", "configmap", "settings", "--from-literal=mode=slow");
        var deployment = await kubectl.DoAsync("describe", "deployment", "web");
        Assert.Matches("(?m)^Replicas: +2 desired", deployment);
        Assert.Matches("(?m)^ +Image: +registry.local/web:1.0", deployment);
        var service = await kubectl.DoAsync("describe", "service", "web");
        Assert.Matches("(?m)^Selector: +app=web", service);
        Assert.Matches("(?m)^TargetPort: +8080/TCP", service);
        Assert.Contains("mode:\n----\nslow", await kubectl.DoAsync("describe", "configmap", "settings"), StringComparison.Ordinal);
    }

    private static string[] Columns(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
