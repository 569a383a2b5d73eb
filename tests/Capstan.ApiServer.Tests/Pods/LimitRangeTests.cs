using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Pods;

public sealed class LimitRangeTests(ClusterServer server) : IClassFixture<ClusterServer>
{
    private async Task<string> NamespaceAsync(string limits)
    {
        var ns = await server.FurnishedAsync();
        var made = await server.PostAsync($"{ns}/limitranges", $$$"""{"metadata":{"name":"l"},"spec":{"limits":[{{{limits}}}]}}""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return ns;
    }

    [Fact]
    public async Task Containers_get_the_defaults_and_a_note_says_so()
    {
        var ns = await NamespaceAsync("""{"type":"Container","default":{"cpu":"200m","memory":"128Mi"},"defaultRequest":{"cpu":"100m"}}""");
        var made = await server.PostAsync($"{ns}/pods", """
            {"metadata":{"name":"p"},"spec":{"initContainers":[{"name":"i","image":"i:1"}],"containers":[{"name":"a","image":"i:1"},{"name":"b","image":"i:1","resources":{"limits":{"cpu":"1"}}}]}}
            """);
        Assert.Equal(
            "LimitRanger plugin set: cpu, memory request for container a; cpu, memory limit for container a; memory request for container b; memory limit for container b; cpu, memory request for init container i; cpu, memory limit for init container i",
            (string?)made.Json["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]);
        Assert.Equal("""{"limits":{"cpu":"1","memory":"128Mi"},"requests":{"cpu":"1","memory":"128Mi"}}""", made.Json["spec"]!["containers"]![1]!["resources"]!.ToJsonString());
        Assert.Equal("Burstable", (string?)made.Json["status"]!["qosClass"]);
    }

    [Theory]
    [InlineData("""{"type":"Container","max":{"cpu":"1"}}""", """{"limits":{"cpu":"2"}}""", "maximum cpu usage per Container is 1, but limit is 2")]
    [InlineData("""{"type":"Container","min":{"cpu":"100m"}}""", """{"requests":{"cpu":"0.05"}}""", "minimum cpu usage per Container is 100m, but request is 50m")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}""", """{"requests":{"cpu":"100m"},"limits":{"cpu":"300m"}}""", "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"memory":"2"}}""", "{}", "memory max limit to request ratio per Container is 2, but no request is specified or request is 0")]
    [InlineData("""{"type":"Pod","max":{"memory":"1Gi"}}""", "{}", "maximum memory usage per Pod is 1Gi.  No limit is specified")]
    [InlineData("""{"type":"Pod","min":{"cpu":"1"},"max":{"memory":"1Gi"}}""", """{"limits":{"cpu":"500m","memory":"2Gi"}}""", "[minimum cpu usage per Pod is 1, but request is 500m, maximum memory usage per Pod is 1Gi, but limit is 2Gi]")]
    public async Task A_pod_beyond_the_limits_is_forbidden(string limit, string resources, string message)
    {
        var ns = await NamespaceAsync(limit);
        var refused = await server.PostAsync($"{ns}/pods", $$$"""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{{{resources}}}}]}}""");
        Assert.Equal((HttpStatusCode.Forbidden, $"pods \"p\" is forbidden: {message}"), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("3Gi", "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi")]
    [InlineData("1Mi", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi")]
    public async Task A_claim_beyond_the_limits_is_forbidden(string storage, string message)
    {
        var ns = await NamespaceAsync("""{"type":"PersistentVolumeClaim","min":{"storage":"1Gi"},"max":{"storage":"2Gi"}}""");
        var refused = await server.PostAsync($"{ns}/persistentvolumeclaims", $$$$$"""{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"{{{{{storage}}}}}"}}}}""");
        Assert.Equal((HttpStatusCode.Forbidden, $"persistentvolumeclaims \"c\" is forbidden: {message}"), (refused.Code, refused.Message));
    }
}
