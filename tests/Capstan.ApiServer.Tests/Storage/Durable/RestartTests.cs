using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests.Storage.Durable;

/// <summary>What a client notices of a restart over the wire: nothing but that its connections broke.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("capstan-data-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Objects_revisions_certificates_and_tokens_stay_good()
    {
        const string Maps = "/api/v1/namespaces/default/configmaps";
        string authority, token, uid, version, next;
        JsonNode widget;
        System.Security.Cryptography.X509Certificates.X509Certificate2 admin;

        await using (var server = await StartAsync())
        {
            using var client = Client(server, server.AdminCertificate);
            authority = server.CertificateAuthorityPem;
            admin = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadPkcs12(
                server.AdminCertificate.Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pkcs12), null);
            for (var i = 0; i < 3; i++)
            {
                await SendAsync(client, HttpMethod.Post, Maps, $$$"""{"metadata":{"name":"m{{{i}}}"},"data":{"k":"v"}}""");
            }

            await SendAsync(client, HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Widgets);
            await SendAsync(client, HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"robot"}}""");
            token = (string)(await SendAsync(client, HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts/robot/token", "{}"))["status"]!["token"]!;
            widget = await SendAsync(client, HttpMethod.Post, "/apis/example.com/v1/namespaces/default/widgets", """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}""");
            var page = await SendAsync(client, HttpMethod.Get, Maps + "?limit=1");
            next = (string)page["metadata"]!["continue"]!;
            version = (string)page["metadata"]!["resourceVersion"]!;
            uid = (string)page["items"]![0]!["metadata"]!["uid"]!;
            await SendAsync(client, HttpMethod.Delete, Maps + "/m1");
        }

        await using (var server = await StartAsync())
        {
            Assert.Equal(authority, server.CertificateAuthorityPem);
            using var client = Client(server, admin);
            var list = await SendAsync(client, HttpMethod.Get, Maps);
            Assert.Equal(["m0", "m2"], list["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
            Assert.Equal(uid, (string)list["items"]![0]!["metadata"]!["uid"]!);
            Assert.True(long.Parse((string)list["metadata"]!["resourceVersion"]!, null) > long.Parse(version, null));
            Assert.Equal(widget.ToJsonString(), (await SendAsync(client, HttpMethod.Get, "/apis/example.com/v1/namespaces/default/widgets/w")).ToJsonString());

            // The page is served from the log, which was read again.
            var rest = await SendAsync(client, HttpMethod.Get, $"{Maps}?limit=5&continue={next}");
            Assert.Equal(["m1", "m2"], rest["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
            server.Compact();
            Assert.Equal(410, (int)(await SendAsync(client, HttpMethod.Get, $"{Maps}?limit=5&continue={next}"))["code"]!);

            using var robot = Client(server, null);
            robot.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var self = await SendAsync(robot, HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""");
            Assert.Equal("system:serviceaccount:default:robot", (string?)self["status"]?["userInfo"]?["username"]);
        }

        admin.Dispose();
    }

    [Fact]
    public async Task A_namespace_of_every_cluster_is_there_again_after_a_restart()
    {
        await using (var server = await StartAsync())
        {
            using var client = Client(server, server.AdminCertificate);
            await SendAsync(client, HttpMethod.Delete, "/apis/rbac.authorization.k8s.io/v1/clusterroles/view");
        }

        await using (var server = await StartAsync())
        {
            using var client = Client(server, server.AdminCertificate);
            Assert.Equal("view", (string?)(await SendAsync(client, HttpMethod.Get, "/apis/rbac.authorization.k8s.io/v1/clusterroles/view"))["metadata"]!["name"]);
        }
    }

    private const string Widgets = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},
         "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
        """;

    private Task<EmbeddedApiServer> StartAsync() => EmbeddedApiServer.StartAsync(new ApiServerOptions { DataDirectory = Path.Combine(_directory.FullName, "data") }, Stop);

    private static HttpClient Client(EmbeddedApiServer server, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        if (certificate is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new HttpClient(handler) { BaseAddress = server.Url };
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await client.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        TestContext.Current.TestOutputHelper?.WriteLine($"{method} {path} {(int)response.StatusCode} {text[..Math.Min(300, text.Length)]}");
        Assert.True(response.StatusCode != HttpStatusCode.Unauthorized, text);
        return JsonNode.Parse(text)!;
    }
}
