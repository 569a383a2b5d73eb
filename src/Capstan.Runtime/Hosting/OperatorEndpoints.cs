using System.Net;
using Capstan.Diagnostics;
using Capstan.Webhooks;
using Microsoft.AspNetCore.Http;

namespace Capstan.Hosting;

/// <summary>What an operator serves over HTTP: probes, metrics and webhooks. Every replica does, whether or not it leads.</summary>
internal sealed class OperatorEndpoints(OperatorParts parts) : IAsyncDisposable
{
    // Long enough for any run; whoever scrapes such an endpoint is told not to verify it.
    private static readonly TimeSpan OwnCertificateLifetime = TimeSpan.FromDays(3650);

    private readonly OperatorOptions _options = parts.Options;
    private readonly IPEndPoint? _metricsAddress = BindAddress.Parse(parts.Options.MetricsBindAddress, "metrics bind address", BindAddress.InPod);
    private readonly IPEndPoint? _healthAddress = BindAddress.Parse(parts.Options.HealthProbeBindAddress, "health probe bind address", BindAddress.InPod);
    private readonly WebhookEndpoint? _webhooks = parts.Webhooks.Count == 0 ? null : new(parts);
    private readonly CancellationTokenSource _stop = new();
    private Task _renewing = Task.CompletedTask;
    private KubeClient? _reviews;
    private HttpEndpoint? _metrics, _health;
    private OtlpExporter? _spans;

    public int MetricsPort => Volatile.Read(ref _metrics)?.Port ?? 0;

    public int HealthProbePort => Volatile.Read(ref _health)?.Port ?? 0;

    public int WebhookPort => _webhooks?.Port ?? 0;

    /// <exception cref="OperatorException">An address is taken, or a certificate cannot be had.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.OtlpEndpoint is { } collector)
        {
            _spans = new(collector, _options.Name, _options.TimeProvider, _options.LoggerFactory.CreateLogger("capstan.hosting"));
        }

        // Probes and metrics: they must answer while everything else takes its time.
        if (_healthAddress is not null)
        {
            _health = await HttpEndpoint.StartAsync(new(_healthAddress, "/healthz and /readyz", ServeHealthAsync), _options.LoggerFactory, cancellationToken);
        }

        if (_metricsAddress is not null && parts.MetricsPage is { } page)
        {
            ProcessInstruments.AddTo(parts.Meter);
            _metrics = await HttpEndpoint.StartAsync(MetricsSettings(_metricsAddress, page), _options.LoggerFactory, cancellationToken);
        }

    }

    /// <summary>Serves the webhooks, and publishes their certificate.</summary>
    public Task StartWebhooksAsync(CancellationToken cancellationToken) => _webhooks?.StartAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_webhooks is not null)
        {
            await _webhooks.DisposeAsync();
        }

        foreach (var endpoint in (HttpEndpoint?[])[_metrics, _health])
        {
            if (endpoint is not null)
            {
                await endpoint.DisposeAsync();
            }
        }

        if (_spans is not null)
        {
            await _spans.DisposeAsync();
        }

        await _stop.CancelAsync();
        await _renewing;
        _reviews?.Dispose();
        _stop.Dispose();
    }

    private HttpEndpointSettings MetricsSettings(IPEndPoint address, PrometheusPage page)
    {
        Task Serve(HttpContext context) => ServeMetricsAsync(context, page);
        if (!_options.MetricsSecure)
        {
            return new(address, "/metrics", context => RouteAsync(context, Serve, static (inner, serve, _) => serve(inner)));
        }

        // A client of its own: what it asks passes when the operator's writes are refused.
        _reviews = new(parts.Client.Config, parts.Client.Options);
        var access = new MetricsAccess(_reviews, _options.TimeProvider, _options.LoggerFactory.CreateLogger("capstan.hosting"));
        return new(address, "/metrics", context => RouteAsync(context, Serve, access.GuardAsync)) { Certificate = MetricsCertificate() };
    }

    private Func<ServingCertificate> MetricsCertificate()
    {
        if (_options.MetricsCertificate is not { } options)
        {
            var pair = SelfSignedPair.Create(_options.Name, ["localhost", "127.0.0.1", "::1"], _options.TimeProvider.GetUtcNow(), OwnCertificateLifetime);
            var made = ServingCertificate.Read(pair.Certificate, pair.Key);
            return () => made;
        }

        try
        {
            var files = new CertificateFiles(options, parts.CertificateInstruments, _options.TimeProvider, _options.LoggerFactory.CreateLogger("capstan.webhooks"));
            _renewing = files.RunAsync(_stop.Token);
            return () => files.Current;
        }
        catch (CertificateException error)
        {
            throw new OperatorException($"metrics certificate: {error.Message}", error);
        }
    }

    private async Task ServeHealthAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "").Trim('/').Split('/', 2);
        var checks = path[0] switch
        {
            "healthz" => parts.Health,
            "readyz" => parts.Readiness,
            _ => null,
        };
        if (checks is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var (code, text) = await checks.RunAsync(path.Length > 1 ? path[1] : null, context.Request.Query.ContainsKey("verbose"), context.RequestAborted);
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    private Task RouteAsync(HttpContext context, Func<HttpContext, Task> metrics, Func<HttpContext, Func<HttpContext, Task>, string?, Task> guard)
    {
        if (context.Request.Path == "/metrics")
        {
            return guard(context, metrics, null);
        }

        if (parts.ExtraHandlers.Where(extra => extra.Serves(context.Request)).MaxBy(extra => extra.Path.Length) is { } found)
        {
            return found.AccessPath is { } path ? guard(context, inner => found.Handler(inner), path) : found.Handler(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static Task ServeMetricsAsync(HttpContext context, PrometheusPage page)
    {
        context.Response.ContentType = PrometheusPage.ContentType;
        return context.Response.WriteAsync(page.Render(), context.RequestAborted);
    }
}
