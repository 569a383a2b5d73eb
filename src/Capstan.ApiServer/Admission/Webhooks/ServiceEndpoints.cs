using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Admission.Webhooks;

/// <summary>Finds the server behind a Service: the name of an external one, else a ready endpoint, else the address of the Service itself.</summary>
/// <remarks>Nothing here routes the addresses of Services, as kube-proxy does, so that endpoints are looked up as it would.</remarks>
internal sealed class ServiceEndpoints(Store store)
{
    private static readonly GroupResource Services = new("", "services");
    private static readonly GroupResource Endpoints = new("", "endpoints");
    private static readonly GroupResource Slices = new("discovery.k8s.io", "endpointslices");

    // So that connections go to all of several endpoints in turn.
    private int _turn;

    /// <summary>Connects to a server of the Service, any of several.</summary>
    /// <exception cref="WebhookFailure">There is none, or it does not answer.</exception>
    public async ValueTask<Stream> ConnectAsync(WebhookService service, CancellationToken cancellation)
    {
        var (host, port) = Find(service);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(host, port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new WebhookFailure(e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                ? $"dial tcp: lookup {host}: no such host"
                : $"dial tcp {host}:{port.ToString(CultureInfo.InvariantCulture)}: {ConnectionErrors.Reason(e)}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Where the Service leads to now.</summary>
    /// <exception cref="WebhookFailure">Nowhere.</exception>
    public (string Host, int Port) Find(WebhookService service)
    {
        if (store.Find(Services, new ObjectKey(service.Namespace, service.Name)) is not { } stored)
        {
            throw new WebhookFailure($"service {GoFormat.Quote(service.Name)} not found");
        }

        var obj = ObjectJson.Parse(stored.Json);
        if (obj.Text("spec", "type") == "ExternalName")
        {
            return (obj.Text("spec", "externalName") ?? "", service.Port);
        }

        var port = obj.Items("spec", "ports").FirstOrDefault(p => p.Number("port") == service.Port)
            ?? throw new WebhookFailure($"no service port {service.Port.ToString(CultureInfo.InvariantCulture)} found for service {GoFormat.Quote(service.Name)}");
        var ready = Ready(service, port.Text("name") ?? "").Where(e => IPAddress.TryParse(e.Host, out _) && e.Port is > 0 and <= ushort.MaxValue).ToList();
        var address = obj.Text("spec", "clusterIP") ?? "";
        return ready.Count > 0 ? ready[(int)((uint)Interlocked.Increment(ref _turn) % (uint)ready.Count)]
            : address is "" or "None" ? throw new WebhookFailure("cannot route to service with ClusterIP \"None\"")
            : (address, service.Port);
    }

    private IEnumerable<(string Host, int Port)> Ready(WebhookService service, string portName)
    {
        var slices = store.Read(Slices).Objects.From(new ObjectKey(service.Namespace, ""))
            .TakeWhile(stored => stored.Key.Namespace == service.Namespace)
            .Where(stored => stored.Labels?.GetValueOrDefault("kubernetes.io/service-name") == service.Name)
            .Select(stored => ObjectJson.Parse(stored.Json)).ToList();
        foreach (var slice in slices)
        {
            foreach (var port in Ports(slice, portName))
            {
                foreach (var endpoint in slice.Items("endpoints").Where(e => e.Flag("conditions", "ready") != false && e.Items("addresses").Count > 0))
                {
                    yield return (endpoint.Items("addresses")[0].Text() ?? "", port);
                }
            }
        }

        if (slices.Count > 0 || store.Find(Endpoints, new ObjectKey(service.Namespace, service.Name)) is not { } stored)
        {
            yield break;
        }

        foreach (var subset in ObjectJson.Parse(stored.Json).Items("subsets"))
        {
            foreach (var port in Ports(subset, portName))
            {
                foreach (var address in subset.Items("addresses"))
                {
                    yield return (address.Text("ip") ?? "", port);
                }
            }
        }
    }

    private static IEnumerable<int> Ports(JsonNode? owner, string name) =>
        owner.Items("ports").Where(p => (p.Text("name") ?? "") == name).Select(p => (int)(p.Number("port") ?? 0));
}
