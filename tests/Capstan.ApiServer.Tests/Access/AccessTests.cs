using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Access;

public sealed class AccessTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("/api/v1/namespaces/default/pods", "pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData("/api/v1/nodes", "nodes is forbidden: User \"system:anonymous\" cannot list resource \"nodes\" in API group \"\" at the cluster scope")]
    [InlineData("/api/v1/namespaces/default", "namespaces \"default\" is forbidden: User \"system:anonymous\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"default\"")]
    [InlineData("/apis/no.such/v1/things?watch=1", "things.no.such is forbidden: User \"system:anonymous\" cannot watch resource \"things\" in API group \"no.such\" at the cluster scope")]
    [InlineData("/metrics", "forbidden: User \"system:anonymous\" cannot get path \"/metrics\"")]
    public async Task Nobody_learns_nothing(string path, string message)
    {
        using var nobody = server.ClientFor(null);
        var answer = await server.SendAsync(HttpMethod.Get, path, client: nobody);
        Assert.Equal(HttpStatusCode.Forbidden, answer.Code);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task A_user_without_rights_is_named()
    {
        using var certificate = server.Server.CreateClientCertificate("jane", "staff");
        using var jane = server.ClientFor(certificate);
        var answer = await server.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/default/configmaps/x", client: jane);
        Assert.Equal("configmaps \"x\" is forbidden: User \"jane\" cannot delete resource \"configmaps\" in API group \"\" in the namespace \"default\"", answer.Message);
    }

    [Fact]
    public async Task Masters_may_act_as_others_and_others_may_not()
    {
        using var certificate = server.Server.CreateClientCertificate("jane");
        using var jane = server.ClientFor(certificate);
        jane.DefaultRequestHeaders.Add("Impersonate-User", "kubernetes-admin");
        jane.DefaultRequestHeaders.Add("Impersonate-Group", "system:masters");
        var refused = await server.SendAsync(HttpMethod.Get, "/api/v1/nodes", client: jane);
        Assert.Equal((HttpStatusCode.Forbidden, "nodes is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"nodes\" in API group \"\" at the cluster scope"), (refused.Code, refused.Message));

        using var admin = server.ClientFor(server.Server.AdminCertificate);
        admin.DefaultRequestHeaders.Add("Impersonate-User", "joe");
        var asJoe = await server.SendAsync(HttpMethod.Get, "/api/v1/nodes", client: admin);
        Assert.Equal("nodes is forbidden: User \"joe\" cannot list resource \"nodes\" in API group \"\" at the cluster scope", asJoe.Message);
        admin.DefaultRequestHeaders.Add("Impersonate-Group", "system:masters");
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Get, "/api/v1/nodes", client: admin)).Code);
    }

    [Fact]
    public async Task Masters_may_do_everything()
    {
        using var certificate = server.Server.CreateClientCertificate("root", "staff", "system:masters");
        using var root = server.ClientFor(certificate);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Get, "/metrics", client: root)).Code);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_worse_than_none()
    {
        await using var other = await EmbeddedApiServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var stranger = server.ClientFor(other.AdminCertificate);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, "/healthz", client: stranger)).Code);
    }

    [Fact]
    public async Task A_certificate_for_serving_lets_no_client_in()
    {
        using var certificates = new ApiServer.Access.Certificates(ApiServer.Access.Certificates.NewAuthority("ca", TimeProvider.System), TimeProvider.System);
        using var serving = certificates.Serving();
        Assert.False(certificates.IsClient(serving));
        using var client = certificates.Client("jane");
        Assert.True(certificates.IsClient(client));
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("Bearer not-a-token", 401)]
    [InlineData("Basic YWRtaW46YWRtaW4=", 403)]
    [InlineData("Bearer ", 403)]
    public async Task A_token_of_nobody_is_worse_than_none(string header, int code)
    {
        using var nobody = server.ClientFor(null);
        nobody.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        Assert.Equal(code, (int)(await server.SendAsync(HttpMethod.Get, "/api/v1/namespaces", client: nobody)).Code);
    }

    [Fact]
    public void The_kubeconfig_is_for_its_owner_only()
    {
        var directory = Directory.CreateTempSubdirectory("capstan");
        try
        {
            var path = Path.Combine(directory.FullName, "new", "kubeconfig");
            server.Server.WriteKubeconfig(path);
            server.Server.WriteKubeconfig(path);
            Assert.Contains($"server: https://127.0.0.1:{server.Server.Port}\n", File.ReadAllText(path), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_io_error() =>
        await Assert.ThrowsAnyAsync<IOException>(() => EmbeddedApiServer.StartAsync(new ApiServerOptions { Port = server.Server.Port }, TestContext.Current.CancellationToken));
}
