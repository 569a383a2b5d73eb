using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cluster.Proxy;

/// <summary>What kube-proxy does, in this process: whoever connects to the cluster IP of a Service (or to its node port, on 127.0.0.1) is connected to one of the
/// pods behind it.</summary>
/// <remarks>
/// <para>Follows Services and their EndpointSlices. An address is listened on while somebody is behind it, so that a connection is refused otherwise. Ready endpoints
/// are taken in turn, or the one that served the client before where <c>sessionAffinity</c> asks for it; one that cannot be reached is passed over.</para>
/// <para>TCP only. Cluster IPs are loopback addresses here, so nothing has to be set up. A port that cannot be bound is told in a warning Event of the Service, and tried again.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class ServiceProxy : IAsyncDisposable
{
    internal const string OfService = "service";

    private static readonly ResourceType Services = new("", "v1", "Service", "services", Namespaced: true);
    private static readonly ResourceType Slices = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Namespaced: true);

    private readonly ServiceListeners _listeners;
    private readonly RunningOperator _operator;
    private int _disposed;

    private ServiceProxy(ServiceListeners listeners, RunningOperator running)
    {
        _listeners = listeners;
        _operator = running;
    }

    /// <summary>Ends when the proxy has ended: after a stop, or with the exception that ended it.</summary>
    public Task Ended => _operator.Ended;

    /// <summary>Addresses that are listened on now.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => _listeners.Addresses;

    /// <summary>Starts, and returns once it knows all Services; their addresses are bound in the moments after.</summary>
    /// <param name="client">Who may list and watch Services and EndpointSlices and write Events; not disposed, needed for as long as the proxy.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperatorException">It cannot run.</exception>
    public static async Task<ServiceProxy> StartAsync(KubeClient client, ServiceProxyOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ServiceProxyOptions();
        var listeners = new ServiceListeners(client.Options.TimeProvider);
        var builder = new OperatorBuilder(client, new OperatorOptions
        {
            Name = "kube-proxy",
            LoggerFactory = options.Logs ?? NullLoggerFactory.Instance,
            TimeProvider = client.Options.TimeProvider,
        });
        var services = builder.AddInformer(Services);
        var slices = builder.AddInformer(Slices);
        slices.AddIndex(OfService, slice => ServiceOf(slice) is { } service ? [service.ToString()] : []);
        builder.AddController("service-proxy", controller =>
        {
            controller.Reconciler = new ServiceProxyReconciler(services, slices, listeners, builder.Events, options.ApiServer ?? AddressOf(client));
            controller.For(services);
            controller.Watches(slices, (before, now) => new[] { ServiceOf(before), ServiceOf(now) }.OfType<ObjectKey>().Distinct());
        });
        try
        {
            return new(listeners, await RunningOperator.StartAsync(builder.Build(), cancellationToken));
        }
        catch
        {
            await listeners.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops following, closes all addresses and cuts what goes through them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _operator.DisposeAsync();
            await _listeners.DisposeAsync();
        }
    }

    private static ObjectKey? ServiceOf(DynamicObject? slice) =>
        slice is not null && slice.Labels.TryGetValue("kubernetes.io/service-name", out var name) && name.Length > 0 ? new(slice.Key.Namespace, name) : null;

    private static IPEndPoint? AddressOf(KubeClient client) =>
        IPAddress.TryParse(client.Config.Server.Host.Trim('[', ']'), out var address) ? new(address, client.Config.Server.Port) : null;
}
