using System.Net;
using System.Security.Cryptography;
using System.Text;
using Capstan.Cluster.Manifests;
using Capstan.Dashboard.Serving;
using Capstan.Tool.Local.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Capstan.Tool.Local.Dashboards;

/// <summary>One page for all operators, on a free port of the loopback address, for whoever has the URL.</summary>
/// <remarks>The URL has a token in its fragment, which browsers send to nobody; the page keeps it in its tab and shows it with each question. A cookie would be sent to every
/// port of this address. Requests under another host name than this address are refused, so that a page elsewhere cannot lead its own name here.</remarks>
internal sealed class LocalDashboard : IAsyncDisposable
{
    private const string Path = OperatorDashboard.Path;
    private const string DataPath = $"{Path}/data";
    private const string Scheme = "Bearer ";

    private readonly byte[] _token = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
    private readonly LocalDashboardData _data;
    private readonly DataRoutes _routes;
    private WebApplication? _application;
    private int _port;

    private LocalDashboard(KubeClient client, LocalDashboardData data)
    {
        _data = data;
        _routes = new(data.KnownAsync, _ => (client, false));
    }

    /// <summary>What a person opens.</summary>
    public Uri Url => new($"http://127.0.0.1:{_port}{Path}/#token={Encoding.ASCII.GetString(_token)}");

    /// <summary>Starts to serve; nothing is watched before somebody asks.</summary>
    /// <param name="client">An administrator's; not disposed.</param>
    /// <param name="installer">Makes the account that reads metrics.</param>
    /// <param name="operators">Those that run.</param>
    /// <param name="logs">Where logs go.</param>
    /// <param name="stop">Gives up starting.</param>
    public static async Task<LocalDashboard> StartAsync(KubeClient client, ManifestInstaller installer, IReadOnlyList<OperatorStart> operators, ILoggerFactory logs, CancellationToken stop)
    {
        var dashboard = new LocalDashboard(client, new(client, installer, operators));
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        dashboard._application = builder.Build();
        dashboard._application.Run(dashboard.ServeAsync);
        await dashboard._application.StartAsync(stop);
        dashboard._port = new Uri(dashboard._application.Urls.First()).Port;
        return dashboard;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            await _application.StopAsync(limit.Token);
            await _application.DisposeAsync();
        }

        await _data.DisposeAsync();
        _routes.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Host.Host is not ("127.0.0.1" or "localhost") || request.Host.Port != _port)
        {
            response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        }
        else if (request.Path == "/")
        {
            response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            response.Headers.Location = $"{Path}/";
        }
        else if (!request.Path.StartsWithSegments(DataPath, StringComparison.Ordinal))
        {
            await (request.Path.StartsWithSegments(Path, StringComparison.Ordinal) ? PageFiles.ServeAsync(context, Path) : NotFoundAsync(response));
        }
        else if (!IsKnown(request.Headers.Authorization.ToString()))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            await _routes.ServeAsync(context, DataPath);
        }
    }

    private bool IsKnown(string header) =>
        header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()), _token);

    private static Task NotFoundAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
