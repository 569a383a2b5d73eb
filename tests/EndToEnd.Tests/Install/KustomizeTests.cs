namespace EndToEnd.Tests.Install;

/// <summary>install.yaml, the Kustomize base and its overlays, on a server that checks schemas.</summary>
public sealed class KustomizeTests
{
    private static readonly string[] Manager = ["get", "deployment", "kubetemplater-controller-manager", "-n", "kubetemplater-system", "-o"];

    [Theory]
    [InlineData("KubeTemplater")]
    public async Task One_file_is_the_base_written_out_and_installs_it(string name)
    {
        var folder = new OperatorFolder(name);
        await using var cluster = await InstalledCluster.StartAsync();
        var rendered = await cluster.KubectlAsync("kustomize", folder.Of("deploy"));
        var file = folder.Of("install.yaml");
        if (Environment.GetEnvironmentVariable("CAPSTAN_RENDER") == "1")
        {
            await File.WriteAllTextAsync(file, Written(name, rendered), TestContext.Current.CancellationToken);
        }

        Assert.True(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) == Written(name, rendered), $"{file} is not what kubectl kustomize makes of deploy: run this test with CAPSTAN_RENDER=1");
        await cluster.KubectlAsync("apply", "--server-side", "-f", file);

        // Again, as an upgrade does.
        await cluster.KubectlAsync("apply", "--server-side", "-f", file);
    }

    [Theory]
    [InlineData("KubeTemplater", "cert-manager", "Certificate")]
    [InlineData("KubeTemplater", "prometheus", "ServiceMonitor")]
    public async Task Each_overlay_installs(string name, string overlay, string adds)
    {
        await using var cluster = await InstalledCluster.StartAsync();
        var applied = await cluster.KubectlAsync("apply", "--server-side", "-k", new OperatorFolder(name).Of("overlays", overlay));
        Assert.Contains($"{adds.ToLowerInvariant()}.", applied, StringComparison.Ordinal);
        await cluster.KubectlAsync("delete", "-k", new OperatorFolder(name).Of("overlays", overlay), "--wait=false");
        var left = await cluster.KubectlAsync("get", "clusterroles,clusterrolebindings,validatingwebhookconfigurations,crds", "-o", "name");
        Assert.DoesNotContain("kubetemplater", left, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_components_go_together()
    {
        var folder = new OperatorFolder("KubeTemplater");
        await using var cluster = await InstalledCluster.StartAsync();
        var own = Directory.CreateTempSubdirectory("capstan-kustomize-");
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(own.FullName, "kustomization.yaml"),
                $"""
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [{Relative("deploy")}]
                components: [{Relative("deploy", "monitoring")}, {Relative("deploy", "components", "cert-manager")}, {Relative("deploy", "components", "network-policy")}]
                images: [{"{"}name: kubetemplater, newName: example/kubetemplater, newTag: 1.2.3{"}"}]
                """,
                TestContext.Current.CancellationToken);
            await cluster.KubectlAsync("apply", "--server-side", "-k", own.FullName);
            Assert.Equal("example/kubetemplater:1.2.3", await cluster.KubectlAsync([.. Manager, "jsonpath={.spec.template.spec.containers[0].image}"]));
            Assert.Contains("--webhook-cert-path=/certificate", await cluster.KubectlAsync([.. Manager, "jsonpath={.spec.template.spec.containers[0].args}"]), StringComparison.Ordinal);
        }
        finally
        {
            own.Delete(recursive: true);
        }

        string Relative(params string[] path) => Path.GetRelativePath(own.FullName, folder.Of(path));
    }

    private static string Written(string name, string rendered) =>
        $"# Written by \"kubectl kustomize operators/{name}/deploy\"; change that, not this. kubectl apply --server-side -f operators/{name}/install.yaml\n{rendered}\n";
}
