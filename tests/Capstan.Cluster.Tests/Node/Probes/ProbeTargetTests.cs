using System.Net;
using System.Net.Sockets;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Probes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Tests.Node.Probes;

/// <summary>Each way to ask a container, against servers that answer well, badly and not at all.</summary>
public sealed class ProbeTargetTests
{
    private static readonly byte[] Serving = [0, 0, 0, 0, 2, 8, 1];
    private static readonly byte[] NotServing = [0, 0, 0, 0, 2, 8, 2];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/fine", true, "")]
    [InlineData("/moved", true, "")]
    [InlineData("/moved-to-broken", false, "HTTP probe failed with statuscode: 500")]
    [InlineData("/elsewhere", true, "")]
    [InlineData("/broken", false, "HTTP probe failed with statuscode: 500")]
    [InlineData("/missing?q=1", false, "HTTP probe failed with statuscode: 404")]
    [InlineData("/circle", false, "stopped after 10 redirects")]
    public async Task Http_is_good_from_200_to_399_where_redirects_lead_on_the_same_host(string path, bool isGood, string output)
    {
        await using var server = await StartAsync(HttpProtocols.Http1, http =>
        {
            var (code, location) = http.Request.Path.Value switch
            {
                "/fine" => (204, null), "/moved" => (302, "/fine"), "/moved-to-broken" => (307, "/broken"), "/elsewhere" => (302, "http://example.invalid/"),
                "/circle" => (302, "/circle"), "/broken" => (500, null), _ => (404, (string?)null),
            };
            http.Response.StatusCode = code;
            if (location is not null)
            {
                http.Response.Headers.Location = location;
            }

            return Task.CompletedTask;
        });
        var answer = await AskAsync(new Probe { HttpGet = new() { Path = path, Port = new IntOrString(PortOf(server)) } });
        Assert.Equal(isGood, answer.IsGood);
        Assert.EndsWith(output, answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_sends_the_headers_that_are_asked_for_to_a_port_by_its_name()
    {
        var seen = "";
        await using var server = await StartAsync(HttpProtocols.Http1, http =>
        {
            seen = $"{http.Request.Headers.UserAgent} {http.Request.Headers["X-Token"]} {http.Request.Path}";
            return Task.CompletedTask;
        });
        var container = new Container { Ports = [new() { Name = "web", Number = PortOf(server) }] };
        var probe = new Probe { HttpGet = new() { Path = "ready", Port = new IntOrString("web"), HttpHeaders = [new() { Name = "X-Token", Value = "t" }, new() { Name = "User-Agent", Value = "me" }] } };
        Assert.True((await AskAsync(probe, container)).IsGood);
        Assert.Equal("me t /ready", seen);
    }

    [Fact]
    public async Task Http_that_does_not_answer_in_time_or_at_all_is_not_good()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        Assert.Equal(new(IsGood: false, "context deadline exceeded"), await AskAsync(new Probe { HttpGet = new() { Port = new IntOrString(port) }, TimeoutSeconds = 1 }));
        silent.Stop();
        var refused = await AskAsync(new Probe { HttpGet = new() { Port = new IntOrString(port) } });
        Assert.Equal($"Get \"http://127.0.0.1:{port}/\": dial tcp 127.0.0.1:{port}: connect: connection refused", refused.Output);
    }

    [Fact]
    public async Task Tcp_is_good_while_somebody_listens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var probe = new Probe { TcpSocket = new() { Port = new IntOrString(port) } };
        Assert.True((await AskAsync(probe)).IsGood);
        listener.Stop();
        Assert.Equal(new(IsGood: false, $"dial tcp 127.0.0.1:{port}: connect: connection refused"), await AskAsync(probe));
    }

    [Theory]
    [InlineData("", true, "service healthy")]
    [InlineData("shop", false, "service unhealthy (responded with \"NOT_SERVING\")")]
    [InlineData("unknown", false, "error: health rpc probe failed: rpc error: code = 5 desc = unknown service")]
    public async Task Grpc_is_good_while_the_health_service_says_that_it_serves(string service, bool isGood, string output)
    {
        await using var server = await StartAsync(HttpProtocols.Http2, async http =>
        {
            Assert.Equal("/grpc.health.v1.Health/Check", http.Request.Path);
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            var asked = body.Length > 7 ? System.Text.Encoding.UTF8.GetString(body.ToArray().AsSpan(7)) : "";
            http.Response.ContentType = "application/grpc";
            if (asked == "unknown")
            {
                http.Response.Headers["grpc-status"] = "5";
                http.Response.Headers["grpc-message"] = "unknown service";
                return;
            }

            http.Response.DeclareTrailer("grpc-status");
            await http.Response.Body.WriteAsync(asked.Length == 0 ? Serving : NotServing, http.RequestAborted);
            http.Response.AppendTrailer("grpc-status", "0");
        });
        Assert.Equal(new(isGood, output), await AskAsync(new Probe { Grpc = new() { Port = PortOf(server), Service = service } }));
    }

    [Fact]
    public async Task Grpc_where_nobody_speaks_it_is_not_good()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Equal(new(IsGood: false, "timeout: health rpc did not complete within 1s"), await AskAsync(new Probe { Grpc = new() { Port = port } }));
        listener.Stop();
        Assert.StartsWith($"timeout: failed to connect service \"127.0.0.1:{port}\" within 1s:", (await AskAsync(new Probe { Grpc = new() { Port = port } })).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_cannot_be_run_counts_neither_way()
    {
        var target = new ProbeTarget(new Container(), IPAddress.Loopback, (_, _) => throw new ContainerStartException("no such program"));
        Assert.Equal(new(IsGood: false, "no such program", IsUnknown: true), await target.AskAsync(new Probe { Exec = new() { Command = ["x"] } }, TimeProvider.System, Stop));
    }

    private static Task<ProbeAnswer> AskAsync(Probe probe, Container? container = null) =>
        new ProbeTarget(container ?? new Container(), IPAddress.Loopback, (_, _) => throw new NotSupportedException()).AskAsync(probe, TimeProvider.System, Stop);

    private static int PortOf(WebApplication server) => new Uri(server.Urls.First()).Port;

    private static async Task<WebApplication> StartAsync(HttpProtocols protocols, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync(Stop);
        return server;
    }
}
