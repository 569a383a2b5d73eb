using System.Text;
using Xunit;

namespace Capstan.Runtime.Tests.Client;

/// <summary>Subresources and acting as others, against whole servers: ours, and a real kube-apiserver.</summary>
public sealed class SubresourceTests
{
    private static readonly ResourceType Deployments = new("apps", "v1", "Deployment", "deployments", true);
    private static readonly ResourceType Pods = new("", "v1", "Pod", "pods", true);
    private static readonly ResourceType ServiceAccounts = new("", "v1", "ServiceAccount", "serviceaccounts", true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task Scale_changes_the_replicas_and_any_subresource_is_read(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var key = new ObjectKey(server.Namespace, "web");
        await server.Client.CreateAsync(Deployments, Parse(
            $$$"""{"metadata":{"name":"web","namespace":"{{{server.Namespace}}}"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]} } } }"""), cancellationToken: Cancel);
        var scale = await server.Client.ScaleAsync(Deployments, key, 3, Cancel);
        Assert.Equal(("Scale", 3), (scale.Kind, (int)scale.ToJson()["spec"]!["replicas"]!));
        Assert.Equal(3, (int)(await server.Client.GetAsync(Deployments, key, Cancel)).ToJson()["spec"]!["replicas"]!);
        Assert.Equal("Scale", (await server.Client.GetAsync(Deployments, key, "scale", Cancel)).Kind);
        await server.Client.ScaleAsync(Deployments, key, 0, Cancel);
        var error = await Assert.ThrowsAsync<ApiException>(() => server.Client.ScaleAsync(ConfigMap.Resource, key, 1, Cancel));
        Assert.True(error.IsNotFound, error.Message);
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task A_port_of_a_pod_that_is_not_there_is_refused_with_the_servers_code(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.PortForwardAsync(new(server.Namespace, "nobody"), 8443, Cancel));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Contains("nobody", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task A_pod_is_evicted_and_only_the_one_that_is_meant(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var key = new ObjectKey(server.Namespace, "p");
        await server.WaitForDefaultAccountAsync();
        await server.Client.CreateAsync(Pods, Parse($$$"""{"metadata":{"name":"p","namespace":"{{{server.Namespace}}}"},"spec":{"containers":[{"name":"c","image":"i"}]} }"""), cancellationToken: Cancel);
        var wrong = await Assert.ThrowsAsync<ApiException>(() => server.Client.EvictAsync(key, new() { Uid = "another" }, Cancel));
        Assert.True(wrong.IsConflict, wrong.Message);
        await server.Client.EvictAsync(key, new() { GracePeriodSeconds = 0 }, Cancel);
        var gone = await Assert.ThrowsAsync<ApiException>(() => server.Client.EvictAsync(key, cancellationToken: Cancel));
        Assert.True(gone.IsNotFound, gone.Message);
    }

    [Theory]
    [MemberData(nameof(AnyServer.Kinds), MemberType = typeof(AnyServer))]
    public async Task A_token_makes_one_a_service_account_and_so_does_impersonation(string kind)
    {
        await using var server = await AnyServer.ConnectAsync(kind);
        var key = new ObjectKey(server.Namespace, "robot");
        await server.Client.CreateAsync(ServiceAccounts, Parse($$$"""{"metadata":{"name":"robot","namespace":"{{{server.Namespace}}}"}}"""), cancellationToken: Cancel);
        var (token, ends) = await server.Client.CreateTokenAsync(key, TimeSpan.FromHours(1), cancellationToken: Cancel);
        Assert.InRange(ends - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(50), TimeSpan.FromHours(2));
        var name = $"system:serviceaccount:{server.Namespace}:robot";
        var config = server.Client.Config;
        using var robot = new KubeClient(new() { Server = config.Server, CertificateAuthority = config.CertificateAuthority, Token = token });
        Assert.Equal(name, await WhoAmIAsync(robot));
        Assert.Equal(name, await WhoAmIAsync(server.Client.As(new() { User = name })));
        Assert.NotEqual(name, await WhoAmIAsync(server.Client));
        var denied = await Assert.ThrowsAsync<ApiException>(() => WhoAmIAsync(robot.As(new() { User = "jane" })));
        TestContext.Current.TestOutputHelper!.WriteLine(denied.Message);
        Assert.True(denied.IsForbidden, denied.Message);
    }

    private static async Task<string> WhoAmIAsync(KubeClient client)
    {
        var reviews = new ResourceType("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", false);
        var answer = await client.CreateAsync(reviews, Parse("""{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"""), cancellationToken: Cancel);
        return (string)answer.ToJson()["status"]!["userInfo"]!["username"]!;
    }

    private static DynamicObject Parse(string json) => DynamicObject.Parse(Encoding.UTF8.GetBytes(json));
}
