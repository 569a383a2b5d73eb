using System.Net;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Capstan.ApiServer.Proxy;

/// <summary>Where a request is handed on to.</summary>
/// <param name="Client">Keeps the connections; follows no redirects and adds nothing.</param>
/// <param name="Target">The whole address, with path and query.</param>
/// <param name="Failure">What is told when nothing answers there; it gets the reason, in Go's words.</param>
internal sealed record Upstream(HttpMessageInvoker Client, Uri Target, Func<string, ApiError> Failure)
{
    /// <summary>Headers that are set on the way there, in place of what the client sent.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Where a redirect leads for the client; null leaves it.</summary>
    public Func<string, string>? Redirect { get; init; }
}

/// <summary>Hands a request on and its answer back, as both come; an upgraded connection (SPDY, WebSocket) becomes a pair of pipes.</summary>
/// <remarks>Credentials stay here: the other end must never be able to be the client.</remarks>
internal static class Forwarding
{
    // Of one connection, not of the request; and what says who asks.
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host",
        "Authorization", "Content-Length", "Expect", "X-Forwarded-For",
    };

    /// <summary>Whether the client wants to go on with another protocol than HTTP.</summary>
    public static bool WantsUpgrade(HttpRequest request) => request.Headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase);

    /// <summary>Hands on, and returns once everything is answered.</summary>
    /// <param name="http">The client's request.</param>
    /// <param name="upstream">Where to.</param>
    /// <param name="stopping">Ends upgraded connections.</param>
    /// <exception cref="ApiError">Nothing answers there; nothing was sent to the client.</exception>
    public static async Task RunAsync(HttpContext http, Upstream upstream, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        using var request = Request(http, upstream);
        HttpResponseMessage response;
        try
        {
            response = await upstream.Client.SendAsync(request, ended.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !ended.IsCancellationRequested)
        {
            throw upstream.Failure(ConnectionErrors.Text(e, upstream.Target));
        }

        using (response)
        {
            // Who reads slowly, such as a person at a pager, is no reason to hang up.
            http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
            CopyHeaders(http.Response, response, upstream);
            if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
            {
                await PumpAsync(http, response, ended);
                return;
            }

            http.Response.StatusCode = (int)response.StatusCode;
            await using var body = await response.Content.ReadAsStreamAsync(ended.Token);
            await http.Response.StartAsync(ended.Token);
            try
            {
                await body.CopyToAsync(http.Response.Body, ended.Token);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // Half an answer must not look like a whole one.
                http.Abort();
            }
        }
    }

    private static HttpRequestMessage Request(HttpContext http, Upstream upstream)
    {
        var (from, upgrade) = (http.Request, WantsUpgrade(http.Request));
        var request = new HttpRequestMessage(new HttpMethod(from.Method), upstream.Target) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (!upgrade && http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            request.Content = new StreamContent(from.Body);
            request.Content.Headers.ContentLength = from.ContentLength;
        }

        foreach (var (name, values) in from.Headers)
        {
            if (!Kept.Contains(name) && !name.StartsWith(':') && !name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase)
                && !name.StartsWith("X-Remote-", StringComparison.OrdinalIgnoreCase)
                && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        foreach (var (name, value) in upstream.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (http.Connection.RemoteIpAddress is { } address)
        {
            var before = from.Headers["X-Forwarded-For"].ToString();
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", before.Length == 0 ? address.ToString() : $"{before}, {address}");
        }

        if (upgrade)
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", from.Headers.Upgrade.ToString());
        }

        return request;
    }

    private static void CopyHeaders(HttpResponse to, HttpResponseMessage from, Upstream upstream)
    {
        var switching = from.StatusCode == HttpStatusCode.SwitchingProtocols;
        foreach (var (name, values) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (name.Equals("Location", StringComparison.OrdinalIgnoreCase) && upstream.Redirect is { } redirect)
            {
                to.Headers.Location = redirect(values.ToString());
            }
            else if (!Kept.Contains(name) || (switching && name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase)) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                to.Headers[name] = values.ToArray();
            }
        }
    }

    /// <summary>Both directions, until either end is closed.</summary>
    private static async Task PumpAsync(HttpContext http, HttpResponseMessage response, CancellationTokenSource ended)
    {
        http.Response.Headers.Remove("Content-Length");
        await using var upstream = await response.Content.ReadAsStreamAsync(ended.Token);
        await using var client = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        var directions = new[] { upstream.CopyToAsync(client, ended.Token), client.CopyToAsync(upstream, ended.Token) };
        await Task.WhenAny(directions);
        await ended.CancelAsync();
        await Task.WhenAll(directions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
