using Capstan.ApiServer.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.ApiServer.Proxy;

/// <summary>A path of the API server that stands for one of a pod's: what of it is the way there, and what the pod sees. Escapes stay as they came.</summary>
internal sealed class ProxiedPath
{
    private readonly HttpRequest _request;

    public ProxiedPath(HttpContext http, RequestInfo request)
    {
        _request = http.Request;
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? target : target[..mark];
        Query = mark < 0 ? "" : target[mark..];

        // /api/v1[/namespaces/NS]/RESOURCE/NAME/proxy
        var end = 0;
        for (var segments = request.Namespace.Length > 0 ? 7 : 5; segments > 0 && end >= 0; segments--)
        {
            end = path.IndexOf('/', end + 1);
        }

        (Prefix, Rest) = end < 0 ? (path, "") : (path[..end], path[end..]);
    }

    /// <summary>The way there, without a slash at its end.</summary>
    public string Prefix { get; }

    /// <summary>What the pod sees: empty, or from its slash on.</summary>
    public string Rest { get; }

    /// <summary>The query with its mark; empty without one.</summary>
    public string Query { get; }

    /// <summary>The same path of a server at <paramref name="address"/>.</summary>
    public Upstream To(UriBuilder address, HttpMessageInvoker client)
    {
        var root = address.Uri;
        var target = new Uri(root.GetLeftPart(UriPartial.Authority) + Rest + Query, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return new Upstream(client, target, why => ApiError.Of(503, StatusReasons.ServiceUnavailable, $"error trying to reach service: {why}"))
        {
            Headers = [("X-Forwarded-Uri", Prefix + Rest), ("X-Forwarded-Host", _request.Host.Value ?? ""), ("X-Forwarded-Proto", _request.Scheme)],
            Redirect = location => Back(root, location),
        };
    }

    // Where a server sends its client, the client must come through here.
    private string Back(Uri root, string location) => !Uri.TryCreate(root, location, out var to) || !to.IsAbsoluteUri ? location
        : to.Authority == root.Authority ? Prefix + to.PathAndQuery + to.Fragment
        : location;
}
