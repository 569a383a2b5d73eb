using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Capstan;

namespace Recordings.Tests.Wire;

/// <summary>One server, reached as its admin, as nobody, or as whoever a step's headers say.</summary>
internal sealed class ServerUnderTest : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly KubeConfig _config;
    private readonly HttpClient _admin;
    private readonly HttpClient _nobody;

    public ServerUnderTest(string kubeconfig)
    {
        _config = KubeConfig.Load(kubeconfig);
        _admin = ClientOf(_config, _config is { ClientCertificate: { } certificate, ClientKey: { } key } ? X509Certificate2.CreateFromPem(certificate, key) : null);
        _nobody = ClientOf(_config, null);
    }

    /// <summary>Host and port.</summary>
    public string Host => _config.Server.Authority;

    /// <summary>Sends a request as it stands, its path not normalised, with the headers of <c>replay</c> unless it has its own.</summary>
    public Task<HttpResponseMessage> SendAsync(JsonObject request, byte[]? body, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var anonymous = (bool?)request["anonymous"] ?? false;
        var path = ((string)request["path"]!).Replace(" ", "%20", StringComparison.Ordinal);
        var uri = new Uri(_config.Server.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod((string?)request["method"] ?? "GET"), uri) { Content = body is null ? null : new ByteArrayContent(body) };
        foreach (var (name, value) in Headers(request, anonymous, body is not null))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content ??= new ByteArrayContent([]);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return (anonymous ? _nobody : _admin).SendAsync(message, completion, cancellationToken);
    }

    /// <summary>A kubeconfig of the admin, for kubectl.</summary>
    public string Kubeconfig(string @namespace)
    {
        static string? Base64(string? text) => text is null ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        JsonObject Named(string kind, JsonObject content) => new() { ["name"] = "judged", [kind] = content };
        static JsonObject Present(params (string Name, JsonNode? Value)[] members) =>
            new(members.Where(m => m.Value is not null).Select(m => KeyValuePair.Create(m.Name, m.Value)));
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(Named("cluster", Present(
                ("server", _config.Server.GetLeftPart(UriPartial.Authority)), ("certificate-authority-data", Base64(_config.CertificateAuthority)),
                ("insecure-skip-tls-verify", _config.CertificateAuthority is null ? true : null)))),
            ["users"] = new JsonArray(Named("user", Present(
                ("client-certificate-data", Base64(_config.ClientCertificate)), ("client-key-data", Base64(_config.ClientKey)), ("token", _config.Token)))),
            ["contexts"] = new JsonArray(Named("context", new JsonObject { ["cluster"] = "judged", ["user"] = "judged", ["namespace"] = @namespace })),
            ["current-context"] = "judged",
        }.ToJsonString();
    }

    public void Dispose()
    {
        _admin.Dispose();
        _nobody.Dispose();
    }

    private Dictionary<string, string> Headers(JsonObject request, bool anonymous, bool hasBody)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Accept"] = "application/json", ["User-Agent"] = "replay/1", ["Accept-Encoding"] = "identity" };
        if (_config.Token is { } token && !anonymous)
        {
            headers["Authorization"] = "Bearer " + token;
        }

        foreach (var (name, value) in request["headers"] as JsonObject ?? [])
        {
            headers[name] = (string)value!;
        }

        if (hasBody && !request.ContainsKey("raw"))
        {
            headers.TryAdd("Content-Type", "application/json");
        }

        return headers;
    }

    private static HttpClient ClientOf(KubeConfig config, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1, ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        };
        if (config.CertificateAuthority is { } authorities)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPem(authorities);
        }
        else
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        }

        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        }

        return new HttpClient(handler) { Timeout = Patience, DefaultRequestVersion = System.Net.HttpVersion.Version11, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }
}
