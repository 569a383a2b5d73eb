using System.Net;
using System.Text.Json.Nodes;
using Capstan.Applying;
using Capstan.Caching;

namespace Capstan.Cluster.Proxy;

/// <summary>Has the addresses of a Service listened on, as it and its EndpointSlices say now.</summary>
internal sealed class ServiceProxyReconciler(Informer services, Informer slices, ServiceListeners listeners, EventRecorder events, IPEndPoint? apiServer) : Reconciler
{
    // A port that is taken may be free later; nothing tells when.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(15);
    private static readonly ObjectKey OfApiServer = new("default", "kubernetes");

    public override Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var service = services.Cache.Get(key);
        var wanted = service is { DeletionTimestamp: null } ? Wanted(key, service.ToJson()) : [];
        var faults = listeners.Set(key, wanted);
        foreach (var (address, fault) in faults)
        {
            var regarding = new ObjectReference { ApiVersion = "v1", Kind = "Service", Namespace = key.Namespace, Name = key.Name, Uid = service!.Uid };
            events.Warning(regarding, "PortNotBound", "Bind", $"cannot listen on {address}: {fault}");
        }

        return Task.FromResult(faults.Count > 0 ? ReconcileResult.After(RetryAfter) : ReconcileResult.Done);
    }

    private IReadOnlyList<ServicePort> Wanted(ObjectKey key, JsonObject service)
    {
        var known = slices.Cache.ByIndex(ServiceProxy.OfService, key.ToString()).Where(s => s.DeletionTimestamp is null).Select(s => s.ToJson()).ToList();
        return known.Count == 0 && key == OfApiServer && apiServer is not null ? OfServer(service, apiServer) : ServicePort.Of(service, known);
    }

    /// <summary>The API server is no pod, and listens where endpoints of Services may not be.</summary>
    private static List<ServicePort> OfServer(JsonObject service, IPEndPoint server) => !IPAddress.TryParse((string?)service["spec"]?["clusterIP"], out var address)
        ? []
        : [.. (service["spec"]!["ports"] as JsonArray ?? []).Select(p => (int?)p?["port"]).OfType<int>().Select(port => new ServicePort(new(address, port), new EndpointSet([server], null)))];
}
