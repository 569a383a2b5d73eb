using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Capstan.ApiServer.Tests;

/// <summary>A server of its own for one test class, asked through plain HTTP as any client asks it: nothing of ours is between test and wire.</summary>
public class TestServer : IAsyncLifetime
{
    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicPatch = "application/strategic-merge-patch+json";
    public const string Apply = "application/apply-patch+yaml";

    private int _names;

    public EmbeddedApiServer Server { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    /// <summary>As <see cref="Admin"/>, with as many HTTP/2 connections as its streams need.</summary>
    public HttpClient Many { get; private set; } = null!;

    protected virtual ApiServerOptions Options { get; } = new() { WatchWindow = 500 };

    public async ValueTask InitializeAsync()
    {
        Server = await EmbeddedApiServer.StartAsync(Options);
        Admin = ClientFor(Server.AdminCertificate);
        Many = ClientFor(Server.AdminCertificate);
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        Many.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client with a certificate, or with none; it trusts the server's authority alone.</summary>
    public HttpClient ClientFor(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        using var authority = X509Certificate2.CreateFromPem(Server.CertificateAuthorityPem);
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { new X509Certificate2(authority) },
        };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        var client = new HttpClient(handler) { BaseAddress = Server.Url };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("tests/1.0");
        return client;
    }

    /// <summary>A fresh namespace, so that tests of one class do not meet.</summary>
    public async Task<string> NamespaceAsync()
    {
        var name = $"ns-{Interlocked.Increment(ref _names)}";
        var made = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        Assert.Equal(HttpStatusCode.Created, made.Code);
        return $"/api/v1/namespaces/{name}";
    }

    public Task<Answer> GetAsync(string path, string? accept = null) => SendAsync(HttpMethod.Get, path, accept: accept);

    public Task<Answer> PatchAsync(string path, string type, string body) => SendAsync(HttpMethod.Patch, path, body, type);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json", string? accept = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var response = await (client ?? Admin).SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToList() : [];
        TestContext.Current.TestOutputHelper?.WriteLine($"{method} {path} {body?[..Math.Min(body.Length, 200)]}\n  {(int)response.StatusCode} {text[..Math.Min(text.Length, 600)]}");
        return new Answer(response.StatusCode, text, response.Content.Headers.ContentType?.MediaType ?? "", warnings);
    }
}

/// <summary>What a server answered.</summary>
public sealed record Answer(HttpStatusCode Code, string Text, string Type, IReadOnlyList<string> Warnings)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Message => (string?)Json["message"];

    public string? Reason => (string?)Json["reason"];

    public string Version => (string)Json["metadata"]!["resourceVersion"]!;

    public IEnumerable<string> Names => Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!);
}
