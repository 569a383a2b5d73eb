using System.Net;
using System.Net.Security;
using Capstan.Diagnostics;
using Capstan.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Capstan.Hosting;

/// <summary>A small HTTP server on one address.</summary>
internal sealed class HttpEndpoint : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TimeSpan _stopTimeout;

    private HttpEndpoint(WebApplication application, int port, TimeSpan stopTimeout)
    {
        _application = application;
        _stopTimeout = stopTimeout;
        Port = port;
    }

    /// <summary>The port that is bound.</summary>
    public int Port { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="settings">What and where.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="OperatorException">The address cannot be bound.</exception>
    public static async Task<HttpEndpoint> StartAsync(HttpEndpointSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var (address, paths) = (settings.Address, settings.Paths);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxBodyBytes;
            kestrel.Listen(address, listen => Secure(listen, settings.Certificate));
        });
        var application = builder.Build();
        application.Run(settings.Handler);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or AddressInUseException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new OperatorException($"cannot serve {paths} on {address}: {exception.GetBaseException().Message}", exception);
        }

        var url = application.Urls.First();
        Log.Serving(loggers.CreateLogger("capstan.hosting"), paths, url);
        return new(application, new Uri(url).Port, settings.StopTimeout);
    }

    /// <summary>Stops to serve; requests under way get <see cref="HttpEndpointSettings.StopTimeout"/> to end.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(_stopTimeout);
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    /// <summary>The certificate is asked for at each handshake, so that a new one is served to whoever connects from then on.</summary>
    private static void Secure(ListenOptions listen, Func<ServingCertificate>? certificate)
    {
        if (certificate is null)
        {
            return;
        }

        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate().Context }),
        });
    }
}

/// <summary>What a <see cref="HttpEndpoint"/> serves, and where.</summary>
/// <param name="Address">Where; port 0 takes a free one.</param>
/// <param name="Paths">What is served, for the log and for the error.</param>
/// <param name="Handler">Answers every request.</param>
internal sealed record HttpEndpointSettings(IPEndPoint Address, string Paths, RequestDelegate Handler)
{
    /// <summary>What TLS shows, asked anew for each connection; null for plain http.</summary>
    public Func<ServingCertificate>? Certificate { get; init; }

    /// <summary>Longest body of a request; null leaves it to the handler. Default 0.</summary>
    public long? MaxBodyBytes { get; init; } = 0;

    /// <summary>How long requests under way may take when the endpoint stops. Default 1 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(1);
}
