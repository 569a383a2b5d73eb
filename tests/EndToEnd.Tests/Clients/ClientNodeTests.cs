using Capstan.ApiServer;
using Capstan.Cluster.Node;
using Capstan.Testing;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Clients;

/// <summary>Kubernetes' own client for Node, with its informer, as it comes from its registry: nothing of ours is between it and the server.</summary>
public sealed class ClientNodeTests
{
    // Small, so that a hundred changes are too many to resume across.
    private const int WatchWindow = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("requests.test.js")]
    [InlineData("informers.test.js")]
    [InlineData("commands.test.js", true)]
    public async Task The_client_for_Node_works_unmodified(string file, bool runsPods = false)
    {
        var node = RequiredProgram.Find("node");
        Assert.SkipWhen(node.Path is null, node.SkipReason ?? "");
        var folder = Repository.Of("tests", "EndToEnd.Tests", "ClientNode");
        var isRequired = (Environment.GetEnvironmentVariable("CAPSTAN_REQUIRE") ?? "").Split(',').Contains("node");
        Assert.SkipWhen(!isRequired && !Directory.Exists(Path.Combine(folder, "node_modules")), $"the packages are not installed: npm ci in {folder}");

        var images = Path.GetTempFileName();
        await File.WriteAllTextAsync(images, """{"images": [{"image": "shell", "command": ["/bin/sh", "-c", "exec sleep 1000"]}]}""", TestContext.Current.CancellationToken);
        await using var cluster = await TestCluster.StartAsync(
            new TestClusterOptions { ApiServer = new ApiServerOptions { WatchWindow = WatchWindow }, Node = runsPods ? new LocalNodeOptions { ImagesFile = images } : null },
            TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = cluster.KubeconfigPath, ["CHANGES"] = $"{2 * WatchWindow}" };
        await using var run = RunningProcess.Start(node.Path!, ["--test-reporter=spec", "--test-timeout=120000", "--test", file], environment, folder);
        var code = await run.ExitAsync(Patience, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(run.Out);
        File.Delete(images);
        Assert.True(code == 0, $"exit code {code}\n{run.Out}\n{run.Err}");
    }
}
