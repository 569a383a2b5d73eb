using System.Diagnostics;
using System.Text.Json.Nodes;
using Capstan;
using Capstan.Cluster.Manifests;
using Capstan.Testing;

namespace KubeTemplater.Tests.Deploying;

/// <summary>The sizes of operators/KubeTemplater/tiers, as kubectl puts them together from what users install.</summary>
public sealed class TierTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("deploy", 3, false, null)]
    [InlineData("tiers/small", 3, false, null)]
    [InlineData("tiers/medium", 5, false, null)]
    [InlineData("tiers/large", 8, false, null)]
    [InlineData("tiers/extra-large", 10, true, "kubetemplater.io/dedicated")]
    public async Task A_server_takes_it_and_the_operator_understands_it(string tier, int workers, bool shares, string? node)
    {
        var manifests = await BuildAsync(tier);
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        var warned = new List<string>();
        using var client = new KubeClient(KubeConfig.Load(cluster.KubeconfigPath), new KubeClientOptions { OnWarning = warned.Add });
        foreach (var text in Manifests.CustomResourceDefinitions)
        {
            await cluster.InstallAsync(text, Stop);
        }

        foreach (var manifest in manifests.OrderBy(one => one.Kind != "Namespace"))
        {
            var type = await client.Discovery.GetAsync(manifest.GroupVersionKind, Stop);
            await client.ApplyAsync(type, manifest.Key, manifest.Json, new ApplyOptions { FieldManager = "test", Force = true, FieldValidation = "Strict" }, Stop);
        }

        Assert.Empty(warned);
        var deployment = manifests.Single(one => one.Kind == "Deployment").ToJson();
        var pod = deployment["spec"]!["template"]!["spec"]!;
        var container = Assert.Single(pod["containers"]!.AsArray())!;
        var variables = container["env"]!.AsArray().Where(one => one!["value"] is not null).ToDictionary(one => (string)one!["name"]!, one => (string)one!["value"]!);
        var understood = KubeTemplaterOptions.FromEnvironment(name => variables.GetValueOrDefault(name));
        Assert.Equal((workers, shares), (understood.Workers, understood.Sharding));
        Assert.All(variables.Keys.Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal)), name => Assert.Contains(name, Known));
        Assert.Equal(node, pod["nodeSelector"]?.AsObject().Single().Key);

        // The autoscaler's bounds hold what the Deployment begins with; memory that is asked for is there.
        var scaler = manifests.Single(one => one.Kind == "HorizontalPodAutoscaler").ToJson()["spec"]!;
        Assert.InRange((int)deployment["spec"]!["replicas"]!, (int)scaler["minReplicas"]!, (int)scaler["maxReplicas"]!);
        var (requests, limits) = (container["resources"]!["requests"]!, container["resources"]!["limits"]!);
        Assert.All(["cpu", "memory"], name => Assert.True(Amount(requests, name).CompareTo(Amount(limits, name)) <= 0, $"{name}: {requests[name]} of {limits[name]}"));
    }

    private static IEnumerable<string> Known => [.. KubeTemplaterOptions.Numbers.Select(one => one.Name), "SHARDING", "WATCH_NAMESPACES"];

    private static Quantity Amount(JsonNode resources, string name) => Quantity.Parse((string)resources[name]!);

    private static async Task<IReadOnlyList<DynamicObject>> BuildAsync(string tier)
    {
        var kubectl = RequiredProgram.Find("kubectl");
        Assert.SkipWhen(kubectl.SkipReason is not null, kubectl.SkipReason ?? "");
        using var process = Process.Start(new ProcessStartInfo(kubectl.Path!, ["kustomize", Path.Combine(AppContext.BaseDirectory, "Kustomizations", tier)])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        Assert.True(process.ExitCode == 0, await errors);
        return [.. ManifestReader.Read(await output, tier)];
    }
}
