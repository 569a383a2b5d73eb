using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Capstan.ApiServer.Tests.Admission;

/// <summary>A webhook server as an operator has one: HTTPS on loopback with a certificate of an authority of its own. What it answers is said per path.</summary>
public sealed class WebhookServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<HttpContext, JsonNode, Task>> _answers = new();
    private readonly ConcurrentQueue<(string Path, JsonNode Review)> _seen = new();
    private readonly ConcurrentDictionary<string, bool> _connections = new();
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private WebhookServer(string authorityPem, X509Certificate2 certificate)
    {
        _certificate = certificate;
        CaBundle = Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate);
        }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Of the authority, as a configuration has it.</summary>
    public string CaBundle { get; }

    public int Port { get; private set; }

    /// <summary>Every review so far, in order.</summary>
    public IReadOnlyList<(string Path, JsonNode Review)> Seen => [.. _seen];

    /// <summary>How many connections brought reviews.</summary>
    public int Connections => _connections.Count;

    public static async Task<WebhookServer> StartAsync(params string[] names)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hooks-ca", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var server = new WebhookServer(authority.ExportCertificatePem(), Sign(authority, names));
        await server._app.StartAsync();
        server.Port = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return server;
    }

    /// <summary>Answers reviews at a path with a response, to which the uid is added.</summary>
    public void On(string path, Func<JsonNode, string> response) => _answers["/" + path] = async (http, review) =>
    {
        var answer = JsonNode.Parse(response(review["request"]!))!;
        answer["uid"] = (string?)review["request"]!["uid"];
        var body = new JsonObject { ["apiVersion"] = (string?)review["apiVersion"], ["kind"] = "AdmissionReview", ["response"] = answer };
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body.ToJsonString(), http.RequestAborted);
    };

    /// <summary>Answers with a patch.</summary>
    public void Patches(string path, string operations) => On(path, _ =>
        $$"""{"allowed":true,"patchType":"JSONPatch","patch":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(operations))}}"}""");

    /// <summary>Answers anything at all.</summary>
    public void Raw(string path, Func<HttpContext, JsonNode, Task> answer) => _answers["/" + path] = answer;

    public void Forget() => _seen.Clear();

    /// <summary>A webhook of a configuration that asks at a path, for ConfigMaps of one namespace unless fields say otherwise.</summary>
    public JsonObject Hook(string path, string ns, string fields = "{}")
    {
        var hook = JsonNode.Parse($$"""
            {"name":"{{path}}.example.com","clientConfig":{"url":"https://127.0.0.1:{{Port}}/{{path}}","caBundle":"{{CaBundle}}"},
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["*"],"resources":["configmaps"]}],
             "namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{ns}}"} },"sideEffects":"None","admissionReviewVersions":["v1"]}
            """)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            hook[name] = value?.DeepClone();
        }

        return hook;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var review = (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!;
        _seen.Enqueue((http.Request.Path, review));
        _connections[http.Connection.Id] = true;
        if (_answers.TryGetValue(http.Request.Path, out var answer))
        {
            await answer(http, review);
        }
        else
        {
            http.Response.StatusCode = 404;
        }
    }

    private static X509Certificate2 Sign(X509Certificate2 authority, string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hooks", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddIpAddress(IPAddress.Loopback);
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        using var ephemeral = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pfx), null);
    }
}
