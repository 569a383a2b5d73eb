using System.Net;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node;
using Capstan.Cluster.Node.Pods;
using Capstan.Cluster.Node.Volumes;
using Capstan.Runtime.Tests;
using Capstan.Testing;

namespace Capstan.Cluster.Tests.Node.Volumes;

public sealed class PodTokensTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_kept_until_four_fifths_of_its_time_are_over_and_then_it_is_another()
    {
        await using var cluster = await TestCluster.StartAsync(cancellationToken: Stop);
        await cluster.InstallAsync($"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: own}}}}\n---\n{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{serviceAccountName: own, nodeName: {NodeObject.Name}, containers: [{{name: web, image: 'web:1'}}]}}}}", Stop);
        var time = new ManualTime(DateTimeOffset.UtcNow);
        using var client = new KubeClient(cluster.Client.Config, cluster.Client.Options with { TimeProvider = time });
        var pod = new PodRecord((await client.GetAsync(Pod.Resource, new("default", "web"), Stop)).To<Pod>(), IPAddress.Loopback, time.GetUtcNow());
        var tokens = new PodTokens(client);
        Task<byte[]> Read() => tokens.ReadAsync(pod, "https://shop", 600, Stop);

        var first = await Read();
        time.Advance(TimeSpan.FromSeconds(450));
        Assert.Equal(first, await Read());
        time.Advance(TimeSpan.FromSeconds(60));
        var second = await Read();
        Assert.NotEqual(first, second);
        Assert.Equal(second, await Read());
        tokens.Forget(pod.Uid);
        Assert.NotEqual(first, await Read());
    }
}
