using System.Net;
using Capstan.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Capstan.Hosting;

/// <summary>A small HTTP server on one address.</summary>
internal sealed class HttpEndpoint : IAsyncDisposable
{
    private readonly WebApplication _application;

    private HttpEndpoint(WebApplication application, int port)
    {
        _application = application;
        Port = port;
    }

    /// <summary>The port that is bound.</summary>
    public int Port { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="address">Where; port 0 takes a free one.</param>
    /// <param name="paths">What is served, for the log and for the error.</param>
    /// <param name="handler">Answers every request.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="OperatorException">The address cannot be bound.</exception>
    public static async Task<HttpEndpoint> StartAsync(
        IPEndPoint address, string paths, RequestDelegate handler, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(address);
        });
        var application = builder.Build();
        application.Run(handler);
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
        return new(application, new Uri(url).Port);
    }

    /// <summary>Stops to serve; requests under way get a moment to end.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }
}
