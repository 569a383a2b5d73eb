using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Install;

/// <summary>The Helm charts, as Helm itself renders them. What it rendered is kept, so that a machine without Helm tries the objects, and notices a chart that has changed since.</summary>
public sealed class ChartTests
{
    private const string Everything = "everything";

    private static readonly string[] EverythingOn =
    [
        "webhook.certificateMode=cert-manager", "metrics.serviceMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "autoscaling.enabled=true", "networkPolicy.enabled=true",
        "sharding.enabled=true", "watchNamespaces={team-a,team-b}", "rbac.namespaces={team-a,team-b}", "tuning.policyCacheTTL=60", "dashboard.enabled=true",
    ];

    [Theory]
    [InlineData("KubeTemplater", "kubetemplater", "kubetemplater-system", "default")]
    [InlineData("KubeTemplater", "second", "team-ops", Everything)]
    public async Task What_Helm_renders_is_taken_by_the_server(string name, string release, string @namespace, string values)
    {
        var folder = new OperatorFolder(name);
        var file = folder.Of("chart-rendered", $"{values}.yaml");
        var head = $"# Rendered by Helm from the chart {folder.ChartFingerprint()} as release {release} in namespace {@namespace}; change that, not this.\n";
        if (RequiredProgram.Find("helm").Path is { } helm)
        {
            var rendered = head + await RenderAsync(helm, folder, release, @namespace, values == Everything ? EverythingOn : []);
            if (Environment.GetEnvironmentVariable("CAPSTAN_RENDER") == "1")
            {
                await File.WriteAllTextAsync(file, rendered, TestContext.Current.CancellationToken);
            }

            Assert.Equal(rendered, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }

        Assert.True(
            (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).StartsWith(head, StringComparison.Ordinal),
            $"the chart of {name} has changed since {file} was rendered: run this test with helm on the path and CAPSTAN_RENDER=1");

        await using var cluster = await InstalledCluster.StartAsync();
        foreach (var needed in (string[])[@namespace, "team-a", "team-b"])
        {
            await cluster.KubectlAsync("create", "namespace", needed);
        }

        await cluster.KubectlAsync("apply", "--server-side", "-f", folder.Of("deploy", "crds"));
        await cluster.KubectlAsync("apply", "--server-side", "-f", file);
    }

    [Fact]
    public async Task Two_releases_share_no_object_and_each_judges_its_own_namespaces()
    {
        var folder = new OperatorFolder("KubeTemplater");
        await using var cluster = await InstalledCluster.StartAsync();
        var first = await NamesAsync(cluster, folder.Of("chart-rendered", "default.yaml"));
        var second = await NamesAsync(cluster, folder.Of("chart-rendered", $"{Everything}.yaml"));

        Assert.Empty(first.Intersect(second));
        Assert.Contains("ValidatingWebhookConfiguration//second-kubetemplater.team-ops", second);
    }

    [Fact]
    public async Task Rights_are_those_of_the_code_and_no_star_unless_it_is_asked_for()
    {
        var text = await File.ReadAllTextAsync(new OperatorFolder("KubeTemplater").Of("chart-rendered", "default.yaml"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("'*'", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"*\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("escalate", text, StringComparison.Ordinal);

        if (RequiredProgram.Find("helm").Path is { } helm)
        {
            var wide = await RenderAsync(helm, new("KubeTemplater"), "k", "k", ["rbac.allowClusterResources=true"]);
            Assert.Contains("resources: [\"*\"]", wide, StringComparison.Ordinal);
        }
    }

    private static async Task<IReadOnlyCollection<string>> NamesAsync(InstalledCluster cluster, string file)
    {
        var listed = await cluster.KubectlAsync("create", "--dry-run=client", "--validate=false", "-f", file, "-o", "jsonpath={.kind}/{.metadata.namespace}/{.metadata.name}{\"\\n\"}");
        return [.. listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static async Task<string> RenderAsync(string helm, OperatorFolder folder, string release, string @namespace, string[] values)
    {
        await using var process = RunningProcess.Start(helm, ["template", release, folder.Of("chart"), "-n", @namespace, .. values.SelectMany(value => (string[])["--set", value])]);
        var code = await process.ExitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(code == 0, process.Err);
        return $"{process.Out.TrimEnd()}\n";
    }
}
