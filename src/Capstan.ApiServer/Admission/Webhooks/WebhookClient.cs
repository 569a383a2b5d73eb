using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using Capstan.Schemas;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Asks one webhook server over connections that it keeps. Safe for any number of threads.</summary>
internal sealed class WebhookClient
{
    // An object of the largest size in base64, a patch that replaces it, and room around it.
    private const int MaxAnswerBytes = 8 << 20;

    private readonly WebhookClientConfig _config;
    private readonly Uri? _url;
    private readonly HttpClient _http;

    public WebhookClient(WebhookClientConfig config, ServiceEndpoints services)
    {
        _config = config;
        _url = Uri.TryCreate(config.Url, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? url : null;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = config.Service?.Host ?? _url?.IdnHost,
                RemoteCertificateValidationCallback = new WebhookTrust(config).Check,
                CertificateChainPolicy = WebhookTrust.Policy(config.CaBundle),
            },
        };
        if (config.Service is { } service)
        {
            handler.ConnectCallback = async (_, cancellation) => await services.ConnectAsync(service, cancellation);
        }

        _http = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,

            // As Kubernetes: one connection of HTTP/2 would bind all requests to one of several servers behind a name.
            DefaultRequestVersion = _url is { IsLoopback: true } && config.Service is null ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("kube-apiserver-admission");
    }

    /// <summary>Sends a review and returns what comes back.</summary>
    /// <exception cref="WebhookFailure">Nothing came back in time, or not with a code of success.</exception>
    /// <exception cref="OperationCanceledException">The client of the request has left.</exception>
    public async Task<byte[]> PostAsync(byte[] review, TimeSpan timeout, CancellationToken cancellation)
    {
        if (_config.Url.Length == 0)
        {
            throw new WebhookFailure("could not get REST client: webhook configuration must have either service or URL");
        }

        var seconds = Math.Max(1, Math.Ceiling(timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var url = $"{_config.Url}{(_url?.AbsolutePath == "/" && !_config.Url.EndsWith('/') ? "/" : "")}?timeout={seconds}s";
        using var content = new ByteArrayContent(review);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        try
        {
            using var response = await _http.PostAsync(new Uri(url), content, patience.Token);
            var body = await response.Content.ReadAsByteArrayAsync(patience.Token);
            var (code, type) = ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "");
            return code is < 200 or > 206 ? throw new WebhookFailure($"failed to call webhook: {ServerErrors.Text(code, type, body)}")
                : body.Length == 0 ? throw new WebhookFailure($"failed to call webhook: 0-length response with status code: {code} and content type: {type}")
                : body;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failed(url, "context deadline exceeded");
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or IOException or CryptographicException)
        {
            throw Failed(url, ConnectionErrors.Text(e, _url));
        }
    }

    private static WebhookFailure Failed(string url, string why) => new($"failed to call webhook: Post {GoFormat.Quote(url)}: {why}");
}
