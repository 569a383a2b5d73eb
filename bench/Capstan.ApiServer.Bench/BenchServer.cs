using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Capstan.ApiServer.Bench;

/// <summary>A server in this process, and clients that reach it over TLS like any other: half of the processor time measured is theirs.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    public const string Path = "/api/v1/namespaces/default/configmaps";

    private readonly EmbeddedApiServer _server;

    private BenchServer(EmbeddedApiServer server)
    {
        _server = server;
        Http = Client(HttpVersion.Version11);
    }

    public HttpClient Http { get; }

    public static async Task<BenchServer> StartAsync(string? dataDirectory = null) =>
        new(await EmbeddedApiServer.StartAsync(new ApiServerOptions { DataDirectory = dataDirectory }));

    /// <summary>A config map of about 1 KB once it is stored, with labels, an annotation, and the managedFields that the server adds.</summary>
    public static string Body(int i, string value = "v") => $$$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"object-{{{i:D6}}}","labels":{"app.kubernetes.io/name":"shop","app.kubernetes.io/component":"part-{{{i % 50}}}","tier":"{{{(i % 10 == 0 ? "front" : "back")}}}"},
        "annotations":{"example.com/checksum":"sha256-{{{i * 7919:x8}}}"}},"data":{"key":"{{{value}}}","settings":"{{{new string('x', 230)}}}"}}
        """;

    public HttpClient Client(Version version)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                LocalCertificateSelectionCallback = (_, _, _, _, _) => _server.AdminCertificate,
            },
        };
        var client = new HttpClient(handler) { BaseAddress = _server.Url, DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("bench/1.0");
        return client;
    }

    public Task CreateAsync(int i) => SendAsync(HttpMethod.Post, Path, Body(i));

    public async Task SendAsync(HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await Http.SendAsync(request);
        await answer.Content.CopyToAsync(Stream.Null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Fills the server from several connections.</summary>
    public Task FillAsync(int objects)
    {
        var next = 0;
        return Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next) - 1) < objects;)
            {
                await CreateAsync(i);
            }
        })));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }
}
