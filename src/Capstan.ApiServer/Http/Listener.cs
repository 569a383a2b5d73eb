using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.ApiServer.Http;

/// <summary>Kestrel on 127.0.0.1 with TLS, and nothing around it: no host, no configuration, no logging, no routing, which cost more of a start than Kestrel does.</summary>
internal sealed class Listener : IAsyncDisposable
{
    // What Kubernetes tells HTTP/2 clients; Kestrel's 100 would make a client with many watches open more connections.
    private const int StreamsPerConnection = 250;

    // Go's limits: a selector may be long, and a certificate's user may have many groups.
    private const int MaxHeaderBytes = 1 << 20;
    private const int MaxHeaders = 10_000;

    private readonly ServiceProvider _services;
    private readonly IServer _server;
    private readonly Application _application = new();

    private Listener(int port, Task<SslServerAuthenticationOptions> tls)
    {
        var parts = new Parts();
        parts.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, port, tls));
        _services = parts.Services.BuildServiceProvider();
        _server = _services.GetRequiredService<IServer>();
    }

    /// <summary>The port that is bound.</summary>
    public int Port => new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <summary>Binds the port. Who connects from now on waits for <paramref name="tls"/>, and what he asks for <see cref="Serve"/>.</summary>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="tls">What each connection is met with.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<Listener> StartAsync(int port, Task<SslServerAuthenticationOptions> tls)
    {
        var listener = new Listener(port, tls);
        try
        {
            await listener._server.StartAsync(listener._application, CancellationToken.None);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has <paramref name="handler"/> answer all requests, also those that wait.</summary>
    public void Serve(RequestDelegate handler) => _application.Handler.SetResult(handler);

    /// <summary>Takes no more connections, and ends those that are there when their requests are answered, or when <paramref name="patience"/> is cancelled.</summary>
    public Task StopAsync(CancellationToken patience) => _server.StopAsync(patience);

    public async ValueTask DisposeAsync()
    {
        _application.Handler.TrySetCanceled();
        await _services.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions kestrel, int port, Task<SslServerAuthenticationOptions> tls)
    {
        kestrel.AddServerHeader = false;

        // Warnings may quote what clients and webhooks wrote.
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        kestrel.Limits.MaxRequestLineSize = MaxHeaderBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;
        kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(tls) });
        });
    }

    private sealed class Application : IHttpApplication<HttpContext>
    {
        public TaskCompletionSource<RequestDelegate> Handler { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => Handler.Task.IsCompletedSuccessfully ? Handler.Task.Result(context) : AwaitHandlerAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }

        private async Task AwaitHandlerAsync(HttpContext context) => await (await Handler.Task.WaitAsync(context.RequestAborted))(context);
    }

    /// <summary>Collects what Kestrel is made of, and does not become a host.</summary>
    private sealed class Parts : IWebHostBuilder, IMeterFactory
    {
        public ServiceCollection Services { get; } = [];

        public Parts()
        {
            Services.AddOptions();
            Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
            Services.AddSingleton<IMeterFactory>(this);
            Services.AddSingleton<DiagnosticSource>(new DiagnosticListener("Microsoft.AspNetCore"));
        }

#pragma warning disable ASPDEPR008 // of the interface; nobody calls it
        public IWebHost Build() => throw new NotSupportedException();
#pragma warning restore ASPDEPR008

        public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) => this;

        public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
        {
            configureServices(Services);
            return this;
        }

        public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices)
        {
            configureServices(new(), Services);
            return this;
        }

        public string? GetSetting(string key) => null;

        public IWebHostBuilder UseSetting(string key, string? value) => this;

        Meter IMeterFactory.Create(MeterOptions options) => new(options);

        void IDisposable.Dispose()
        {
        }
    }
}
