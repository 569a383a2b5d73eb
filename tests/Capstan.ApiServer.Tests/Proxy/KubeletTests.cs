using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Capstan.ApiServer.Tests.Proxy;

/// <summary>What reaches a kubelet of what clients ask, and what they get of its answers.</summary>
public sealed class KubeletTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_log_is_asked_of_the_kubelet_as_the_api_server_and_comes_as_it_is_written()
    {
        var more = new TaskCompletionSource();
        await using var kubelet = await FakeServer.StartAsync(async http =>
        {
            await http.Response.WriteAsync("one\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await more.Task;
            await http.Response.WriteAsync("two\n", http.RequestAborted);
        });
        var pod = await PodAsync(kubelet.Port);
        using var response = await server.Admin.GetAsync($"{pod}/log?follow=true&tailLines=5&sinceTime=2026-01-01T00:00:00Z&previous=0&timestamps", HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.ToString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        Assert.Equal("one", await reader.ReadLineAsync(Stop));
        more.SetResult();
        Assert.Equal("two\n", await reader.ReadToEndAsync(Stop));
        var name = pod.Split('/');
        Assert.Equal($"GET /containerLogs/{name[4]}/p/c?follow=true&timestamps=true&sinceTime=2026-01-01T00%3A00%3A00Z&tailLines=5", Assert.Single(kubelet.Requests));
        Assert.Equal("O=system:masters, CN=kube-apiserver-kubelet-client", Assert.Single(kubelet.Clients));
    }

    [Theory]
    [InlineData(400, "container \"c\" in pod \"p\" is waiting to start: ContainerCreating", 400, "container \"c\" in pod \"p\" is waiting to start: ContainerCreating")]
    [InlineData(404, "gone", 404, "the server could not find the requested resource ( pods/log p)")]
    [InlineData(500, "no disk", 500, "Internal error occurred: no disk")]
    public async Task A_refusal_of_the_kubelet_becomes_a_status(int code, string text, int told, string message)
    {
        await using var kubelet = await FakeServer.StartAsync(http =>
        {
            http.Response.StatusCode = code;
            return http.Response.WriteAsync(text, http.RequestAborted);
        });
        var answer = await server.GetAsync($"{await PodAsync(kubelet.Port)}/log");
        Assert.Equal((told, message), ((int)answer.Code, answer.Message));
    }

    [Fact]
    public async Task A_kubelet_that_is_not_there_is_told_in_the_words_that_people_know()
    {
        var pod = await PodAsync(1);
        var ns = pod.Split('/')[4];
        var log = await server.GetAsync($"{pod}/log");
        Assert.Equal((HttpStatusCode.InternalServerError, $"Get \"https://127.0.0.1:1/containerLogs/{ns}/p/c\": dial tcp 127.0.0.1:1: connect: connection refused"), (log.Code, log.Message));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{pod}/exec?command=ls&stdout=1");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "SPDY/3.1");
        using var exec = await server.Admin.SendAsync(request, Stop);
        Assert.Contains("error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused", await exec.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exec_without_an_upgrade_is_refused()
    {
        var answer = await server.SendAsync(HttpMethod.Post, $"{await PodAsync(1)}/exec?command=ls&stdout=1");
        Assert.Equal((HttpStatusCode.BadRequest, "Upgrade request required"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task A_websocket_to_a_kubelet_carries_both_directions()
    {
        await using var kubelet = await FakeServer.StartAsync(async http =>
        {
            var key = http.Request.Headers["Sec-WebSocket-Key"].ToString();
            http.Response.Headers.Upgrade = "websocket";
            http.Response.Headers["Sec-WebSocket-Accept"] = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            http.Response.Headers["Sec-WebSocket-Protocol"] = "v5.channel.k8s.io";
            await using var stream = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = "v5.channel.k8s.io" });
            var buffer = new byte[100];
            var got = await socket.ReceiveAsync(buffer, CancellationToken.None);
            await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Binary, true, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
        });
        var pod = await PodAsync(kubelet.Port);
        using var client = Socket(server.Server.AdminCertificate);
        await client.ConnectAsync(new Uri($"wss://127.0.0.1:{server.Server.Port}{pod}/exec?command=sh&command=-c&command=a%20b&stdin=true&stdout=1&stderr=false&tty=true"), Stop);
        Assert.Equal("v5.channel.k8s.io", client.SubProtocol);
        await client.SendAsync("echo"u8.ToArray(), WebSocketMessageType.Binary, true, Stop);
        var buffer = new byte[100];
        var got = await client.ReceiveAsync(buffer, Stop);
        Assert.Equal("echo", Encoding.UTF8.GetString(buffer, 0, got.Count));
        Assert.Equal(WebSocketMessageType.Close, (await client.ReceiveAsync(buffer, Stop)).MessageType);
        Assert.Equal($"GET /exec/{pod.Split('/')[4]}/p/c?input=1&output=1&tty=1&command=sh&command=-c&command=a%20b", Assert.Single(kubelet.Requests));
    }

    [Fact]
    public async Task Who_may_only_read_may_not_exec_by_websocket()
    {
        await using var kubelet = await FakeServer.StartAsync(_ => Task.CompletedTask);
        var pod = await PodAsync(kubelet.Port);
        var ns = pod.Split('/')[4];
        foreach (var (kind, obj) in ((string, string)[])
        [
            ("roles", """{"metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods/exec"],"verbs":["get"]}]}"""),
            ("rolebindings", """{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"ann"}]}"""),
        ])
        {
            Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/{kind}", obj)).Code);
        }

        using var certificate = server.Server.CreateClientCertificate("ann");
        using var ann = server.ClientFor(certificate);
        var answer = await server.SendAsync(HttpMethod.Get, $"{pod}/exec?command=ls&stdout=1", client: ann);
        Assert.Equal((HttpStatusCode.Forbidden, $"pods \"p\" is forbidden: User \"ann\" cannot create resource \"pods/exec\" in API group \"\" in the namespace \"{ns}\""), (answer.Code, answer.Message));
        Assert.Empty(kubelet.Requests);
    }

    [Fact]
    public async Task A_proxied_request_reaches_the_pod_without_credentials_and_redirects_come_back_through_the_proxy()
    {
        await using var app = await FakeServer.StartAsync(
            async http =>
            {
                if (http.Request.Path == "/old")
                {
                    http.Response.Redirect("/new?x=1");
                    return;
                }

                http.Response.StatusCode = 418;
                await http.Request.Body.CopyToAsync(http.Response.Body, http.RequestAborted);
            },
            https: false);
        var pod = await PodAsync(1);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{pod}:{app.Port}/proxy/a/b%2Fc?d=e") { Content = new StringContent("body") };
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("X-Own", "kept");
        using var answer = await server.Admin.SendAsync(request, Stop);
        Assert.Equal((418, "body"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop)));
        Assert.Equal("PUT /a/b%2Fc?d=e", Assert.Single(app.Requests));
        var headers = Assert.Single(app.Headers);
        Assert.Equal(("", "kept", $"{pod}:{app.Port}/proxy/a/b%2Fc"), (headers.Authorization.ToString(), headers["X-Own"].ToString(), headers["X-Forwarded-Uri"].ToString()));

        using var bare = await Bare().GetAsync($"{pod}:{app.Port}/proxy?q=1", Stop);
        Assert.Equal((HttpStatusCode.MovedPermanently, $"{pod}:{app.Port}/proxy/?q=1"), (bare.StatusCode, bare.Headers.Location?.OriginalString));
        using var old = await Bare().GetAsync($"{pod}:{app.Port}/proxy/old", Stop);
        Assert.Equal((HttpStatusCode.Found, $"{pod}:{app.Port}/proxy/new?x=1"), (old.StatusCode, old.Headers.Location?.OriginalString));

        var refused = await server.GetAsync($"{pod}:1/proxy/");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "error trying to reach service: dial tcp 127.112.3.4:1: connect: connection refused"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_service_leads_to_the_pods_behind_it_and_to_nothing_else()
    {
        await using var app = await FakeServer.StartAsync(http => http.Response.WriteAsync("hello", http.RequestAborted));
        var pod = await PodAsync(1);
        var ns = pod[..pod.IndexOf("/pods", StringComparison.Ordinal)];
        await server.SendAsync(HttpMethod.Post, $"{ns}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"name":"web","port":80}]}}""");
        var target = $$"""{"kind":"Pod","name":"p","namespace":"{{pod.Split('/')[4]}}"}""";
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/endpoints", $$$"""{"metadata":{"name":"s"},"subsets":[{"addresses":[{"ip":"127.112.3.4","targetRef":{{{target}}}},{"ip":"127.112.0.9"}],"ports":[{"name":"web","port":{{{app.Port}}}}]}]}""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        foreach (var name in (string[])["https:s:web", "https:s:80"])
        {
            Assert.Equal("hello", (await server.GetAsync($"{ns}/services/{name}/proxy/x")).Text);
        }

        var wrong = await server.GetAsync($"{ns}/services/s:other/proxy/x");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no endpoints available for service \"s:other\""), (wrong.Code, wrong.Message));
        var node = await server.GetAsync($"/api/v1/nodes/{await NodeAsync(app.Port)}/proxy/healthz");
        Assert.Equal("hello", node.Text);
        Assert.Equal("O=system:masters, CN=kube-apiserver-kubelet-client", app.Clients.Last());
        Assert.Equal("", app.Clients.First());
    }

    private async Task<string> NodeAsync(int port)
    {
        var name = $"node-{port}-{Guid.NewGuid():N}";
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, "/api/v1/nodes", $$$"""{"kind":"Node","apiVersion":"v1","metadata":{"name":"{{{name}}}"}}""")).Code);
        var status = $$$"""{"status":{"addresses":[{"type":"Hostname","address":"h"},{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":{{{port}}} } } } }""";
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync($"/api/v1/nodes/{name}/status", TestServer.MergePatch, status)).Code);
        return name;
    }

    /// <summary>A pod on a node whose kubelet listens at that port; its own address is 127.112.3.4.</summary>
    private async Task<string> PodAsync(int port)
    {
        var ns = await server.NamespaceAsync();
        var node = await NodeAsync(port);
        await server.SendAsync(HttpMethod.Post, $"{ns}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var made = await server.SendAsync(HttpMethod.Post, $"{ns}/pods", $$$"""{"metadata":{"name":"p"},"spec":{"nodeName":"{{{node}}}","containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        var status = await server.PatchAsync($"{ns}/pods/p/status", TestServer.MergePatch, """{"status":{"phase":"Running","podIP":"127.112.3.4","podIPs":[{"ip":"127.112.3.4"}]}}""");
        Assert.Equal(HttpStatusCode.OK, status.Code);
        return $"{ns}/pods/p";
    }

    private HttpClient Bare()
    {
        var certificate = server.Server.AdminCertificate;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        return new HttpClient(handler) { BaseAddress = server.Server.Url };
    }

    private static ClientWebSocket Socket(X509Certificate2 certificate)
    {
        var client = new ClientWebSocket();
        client.Options.AddSubProtocol("v5.channel.k8s.io");
        client.Options.ClientCertificates.Add(certificate);
        client.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return client;
    }
}
