using System.Security.Cryptography.X509Certificates;
using Capstan.ApiServer.Access;
using Capstan.ApiServer.Admission.Webhooks;
using Capstan.ApiServer.Http;
using Capstan.ApiServer.Proxy;
using Capstan.ApiServer.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.ApiServer.Aggregation;

/// <summary>Knows which versions other servers serve, and hands requests on to them: who asks is told in headers, which they believe of this server's certificate.</summary>
/// <remarks>Thread-safe. Follows the APIServices from the moment they are stored.</remarks>
/// <param name="store">Holds the APIServices.</param>
/// <param name="certificate">By which those servers know this one.</param>
/// <param name="stopping">Ends connections.</param>
internal sealed class Aggregator(Store store, X509Certificate2 certificate, CancellationToken stopping) : IDisposable
{
    public static readonly GroupResource ApiServices = new("apiregistration.k8s.io", "apiservices");

    private readonly ServiceEndpoints _services = new(store);
    private readonly Lock _lock = new();
    private volatile IReadOnlyList<AggregatedVersion> _versions = [];

    /// <summary>Told when there are other versions than before, on the thread that made the change; must return quickly and not throw.</summary>
    public event Action? Changed;

    /// <summary>All such versions, by their names. One list, until something changes.</summary>
    public IReadOnlyList<AggregatedVersion> Versions => _versions;

    /// <summary>Begins to follow. To be called once, before the first request.</summary>
    public void Start()
    {
        store.Observe(ApiServices, _ => Reread());
        Reread();
    }

    /// <summary>Who serves what a request is about; null when this server does.</summary>
    public AggregatedVersion? Find(RequestInfo request)
    {
        var versions = _versions;
        return versions.Count > 0 && request.Path.Split('/') is ["", "apis", var group, var version, ..]
            ? versions.FirstOrDefault(v => v.Group == group && v.Version == version)
            : null;
    }

    /// <summary>Hands a request on.</summary>
    public async Task ForwardAsync(HttpContext http, UserInfo user, AggregatedVersion version)
    {
        try
        {
            if (!version.IsAvailable)
            {
                throw ApiError.Of(503, StatusReasons.ServiceUnavailable, "service unavailable");
            }

            var path = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var target = new Uri(Root(version.Service) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            var upstream = new Upstream(version.Client, target, why => ApiError.Of(503, StatusReasons.ServiceUnavailable, $"error trying to reach service: {why}")) { Headers = HeadersOf(user) };
            await Forwarding.RunAsync(http, upstream, stopping);
        }
        catch (ApiError e) when (!http.Response.HasStarted)
        {
            // As Kubernetes' aggregator, which speaks plainly.
            http.Response.StatusCode = 503;
            http.Response.ContentType = "text/plain; charset=utf-8";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            await http.Response.WriteAsync(e.Message + "\n", http.RequestAborted);
        }
    }

    /// <summary>The address of a server, for connections that are made to its Service.</summary>
    public static string Root(AggregatedService service) => $"https://{service.Server.Host}:{service.Server.Port}";

    /// <summary>Who asks, as an aggregated server reads it.</summary>
    public static IReadOnlyList<(string Name, string Value)> HeadersOf(UserInfo user) =>
    [
        ("X-Remote-User", user.Name),
        .. user.Uid.Length > 0 ? [("X-Remote-Uid", user.Uid)] : Array.Empty<(string, string)>(),
        .. user.Groups.Select(group => ("X-Remote-Group", group)),
        .. user.Extra.SelectMany(e => e.Value.Select(value => ($"X-Remote-Extra-{Uri.EscapeDataString(e.Key.ToLowerInvariant())}", value))),
    ];

    /// <summary>Keeps what was learnt of a server, unless its APIService has changed meanwhile.</summary>
    public void Learn(AggregatedService service, bool isAvailable, string? resources)
    {
        lock (_lock)
        {
            if (_versions.FirstOrDefault(v => v.Service == service) is { } known && (known.IsAvailable != isAvailable || known.Resources != (resources ?? known.Resources)))
            {
                _versions = [.. _versions.Select(v => v == known ? v with { IsAvailable = isAvailable, Resources = resources ?? known.Resources } : v)];
            }
        }
    }

    public void Dispose()
    {
        foreach (var version in _versions)
        {
            version.Client.Dispose();
        }
    }

    private void Reread()
    {
        lock (_lock)
        {
            var now = store.Read(ApiServices).Objects.From(default).Select(s => AggregatedService.Read(ObjectJson.Parse(s.Json))).OfType<AggregatedService>().ToList();
            var before = _versions;
            if (now.SequenceEqual(before.Select(v => v.Service)))
            {
                return;
            }

            // Connections of one that goes end with what is under way on them: nobody asks for more.
            _versions = [.. now.Select(service => before.FirstOrDefault(v => v.Service == service) ?? new(service, Client(service), IsAvailable: false, Resources: null))];
        }

        Changed?.Invoke();
    }

    private HttpMessageInvoker Client(AggregatedService service)
    {
        var trust = new WebhookClientConfig(Root(service), service.Server, service.CaBundle);
        var handler = ProxyClients.Handler(certificate);
        handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90);
        handler.ConnectCallback = async (_, cancellation) => await _services.ConnectAsync(service.Server, cancellation);
        handler.SslOptions.TargetHost = service.Server.Host;
        if (!service.Insecure)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (sender, shown, chain, errors) => new WebhookTrust(trust).Check(sender, shown, chain, errors);
            handler.SslOptions.CertificateChainPolicy = Policy(service.CaBundle);
        }

        return new HttpMessageInvoker(handler);
    }

    private static X509ChainPolicy? Policy(string bundle)
    {
        try
        {
            return WebhookTrust.Policy(bundle);
        }
        catch (WebhookFailure)
        {
            // A bundle without certificates trusts nobody.
            return new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        }
    }
}
