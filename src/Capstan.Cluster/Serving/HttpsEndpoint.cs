using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Capstan.Cluster.Serving;

/// <summary>A small HTTPS server with a certificate that it signs itself; who calls is known by his certificate, if he has one.</summary>
internal sealed class HttpsEndpoint : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private HttpsEndpoint(WebApplication application, X509Certificate2 certificate)
    {
        _application = application;
        _certificate = certificate;
        Port = new Uri(application.Urls.First()).Port;
    }

    /// <summary>The port that is bound.</summary>
    public int Port { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="address">Where; port 0 takes a free one.</param>
    /// <param name="name">By which it calls itself.</param>
    /// <param name="handler">Answers every request.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="IOException">The address cannot be bound.</exception>
    public static async Task<HttpsEndpoint> StartAsync(IPEndPoint address, string name, RequestDelegate handler, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var certificate = SelfSigned(name, address.Address);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(address, listen =>
            {
                // What is upgraded must be HTTP/1.1, and the callers speak that.
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,

                    // Judged by request, so that a wrong one is answered instead of a broken handshake.
                    ClientCertificateValidation = static (_, _, _) => true,
                });
            });
        });
        var application = builder.Build();
        application.Run(handler);
        try
        {
            await application.StartAsync(cancellationToken);
            return new(application, certificate);
        }
        catch
        {
            await application.DisposeAsync();
            certificate.Dispose();
            throw;
        }
    }

    /// <summary>Stops to serve; requests under way have a moment to end.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopTimeout);
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 SelfSigned(string name, IPAddress address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(3650));
    }
}
