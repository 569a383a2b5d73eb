using System.Net;
using Capstan.Webhooks;

namespace Capstan.Hosting;

/// <summary>The webhooks of an operator on their address, with their certificate. Every replica serves them, whether or not it leads.</summary>
internal sealed class WebhookEndpoint : IAsyncDisposable
{
    // The API server waits no longer for an answer.
    private static readonly TimeSpan StopTimeout = WebhookTimeout.Most;

    private readonly OperatorParts _parts;
    private readonly IPEndPoint _address;
    private readonly CancellationTokenSource _stop = new();
    private readonly WebhookServer _server;
    private KubeClient? _client;
    private SelfSignedCertificates? _selfSigned;
    private Task _upkeep = Task.CompletedTask;
    private HttpEndpoint? _endpoint;

    /// <exception cref="OperatorException">The address cannot be read.</exception>
    public WebhookEndpoint(OperatorParts parts)
    {
        var options = parts.Options;
        _parts = parts;
        _address = BindAddress.Parse(options.Webhooks.BindAddress, "webhook bind address", BindAddress.InPod)
            ?? throw new OperatorException("webhook bind address: there are webhooks, so it cannot be 0");
        var paths = parts.Webhooks.Select(webhook => webhook.Path);
        _server = new(parts.Webhooks, new CacheGate(parts.Informers, options.TimeProvider), new WebhookInstruments(parts.Meter, paths), options.Webhooks, options.TimeProvider, options.LoggerFactory.CreateLogger("capstan.webhooks"));
    }

    public int Port => Volatile.Read(ref _endpoint)?.Port ?? 0;

    /// <summary>Returns once requests are answered. That API servers know the certificate may take a moment more.</summary>
    /// <exception cref="OperatorException">There is no certificate to be had, or the address is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = _parts.Options;
        Func<ServingCertificate> certificate;
        try
        {
            certificate = options.Webhooks.Certificate is { } files ? FromFiles(files) : await SelfSignedAsync(cancellationToken);
        }
        catch (CertificateException error)
        {
            throw new OperatorException($"webhook certificate: {error.Message}", error);
        }

        var settings = new HttpEndpointSettings(_address, "webhooks", _server.ServeAsync)
        {
            Certificate = certificate,

            // The server counts for itself, so that too much is answered with a review.
            MaxBodyBytes = null,
            StopTimeout = StopTimeout,
        };
        Volatile.Write(ref _endpoint, await HttpEndpoint.StartAsync(settings, options.LoggerFactory, cancellationToken));
        if (_selfSigned is not null)
        {
            _upkeep = _selfSigned.RunAsync(_stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_endpoint is not null)
        {
            await _endpoint.DisposeAsync();
        }

        await _stop.CancelAsync();
        await _upkeep;
        _selfSigned?.Dispose();
        _client?.Dispose();
        _stop.Dispose();
    }

    private Func<ServingCertificate> FromFiles(CertificateFileOptions options)
    {
        var files = new CertificateFiles(options, _parts.CertificateInstruments, _parts.Options.TimeProvider, _parts.Options.LoggerFactory.CreateLogger("capstan.webhooks"));
        _upkeep = files.RunAsync(_stop.Token);
        return () => files.Current;
    }

    private async Task<Func<ServingCertificate>> SelfSignedAsync(CancellationToken cancellationToken)
    {
        var options = _parts.Options;

        // A client of its own: a replica that does not lead keeps the certificate too.
        _client = new(_parts.Client.Config, _parts.Client.Options);
        _selfSigned = new(_client, options.Webhooks.SelfSigned, options.Name, () => Port, options.TimeProvider, options.LoggerFactory.CreateLogger("capstan.webhooks"));
        _parts.Readiness.Add("webhooks", _ => ValueTask.FromResult(_selfSigned.WhatIsMissing));
        await _selfSigned.StartAsync(cancellationToken);
        return () => _selfSigned.Current;
    }
}
